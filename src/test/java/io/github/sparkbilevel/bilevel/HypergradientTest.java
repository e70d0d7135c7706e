package io.github.sparkbilevel.bilevel;

import static io.github.sparkbilevel.DenseReference.distance;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.DenseReference;
import io.github.sparkbilevel.TestProblems;
import io.github.sparkbilevel.TestProblems.Data;
import io.github.sparkbilevel.TestProblems.Rows;
import io.github.sparkbilevel.TestProblems.Storage;
import io.github.sparkbilevel.bilevel.SolvedProblem.Case;
import io.github.sparkbilevel.bilevel.SolvedProblem.Upper;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.LogisticLoss;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.SoftmaxLoss;
import io.github.sparkbilevel.model.SquaredLoss;
import io.github.sparkbilevel.problem.oracle.BilevelOracle.MixedProduct;
import io.github.sparkbilevel.problem.oracle.Evaluation;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** −∇²_λθ G · u at the exact adjoint is the gradient of Φ(λ) = F(θ*(λ)). */
class HypergradientTest {
  static Stream<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (Upper upper : Upper.values()) {
      for (Loss loss : List.of(new LogisticLoss(), new SoftmaxLoss(3), new SoftmaxLoss(26))) {
        for (Storage storage : List.of(Storage.DENSE_64, Storage.CSR_SHIFTED)) {
          cases.add(new Case(upper, storage, true, loss));
          cases.add(new Case(upper, storage, false, loss));
        }
      }
    }
    return cases.stream();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void equalsTheDenseSolve(Case of) {
    SolvedProblem solved = new SolvedProblem(of);
    DenseHypergradient expected = new DenseHypergradient(solved);
    MixedProduct mixed =
        solved.oracle.mixedProduct(solved.point, solved.point.theta(), solved.adjoint);
    if (solved.lambda.length > 0) {
      double error = distance(Vectors.scaled(-1, mixed.values()), expected.shared);
      assertTrue(error <= 1e-8, "driver's λ: " + error);
    }
    if (solved.oracle.problem().hasExampleWeights()) {
      double error = distance(solved.rowHypergradients(), expected.rows);
      assertTrue(error <= 1e-8, "rows: " + error);
      assertEquals(
          Vectors.norm(expected.rows) / expected.rows.length,
          mixed.rows().norm(),
          1e-9 * mixed.rows().norm());
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void equalsCentralDifferencesOfTheUpperObjective(Case of) {
    SolvedProblem solved = new SolvedProblem(of);
    double[] gradient =
        Vectors.scaled(
            -1,
            solved
                .oracle
                .mixedProduct(solved.point, solved.point.theta(), solved.adjoint)
                .values());
    boolean rows = solved.oracle.problem().hasExampleWeights();
    Evaluation start = rows ? solved.point : null;
    double scale = Vectors.normInf(gradient);
    for (double[] direction : directions(of, gradient.length)) {
      double difference =
          fourthOrder(t -> solved.upperAt(start, Vectors.plus(solved.lambda, t, direction)), 1e-2);
      double error = Math.abs(difference - Vectors.dot(gradient, direction)) / scale;
      assertTrue(error <= 1e-6, "driver's λ: " + error);
    }
    if (rows) {
      double[] h = solved.rowHypergradients();
      double largest = Vectors.normInf(h);
      double[] opposite = Vectors.scaled(-1, solved.adjoint);
      double difference =
          fourthOrder(
              t ->
                  solved.upperAt(
                      solved.stepped(t < 0 ? solved.adjoint : opposite, Math.abs(t), largest),
                      solved.lambda),
              4e-2);
      // The way is h_i / w_i.
      double expected = 0;
      for (int i = 0; i < h.length; i++) {
        expected += h[i] * h[i] / solved.data.train().weight(i) / largest / h.length;
      }
      double error = Math.abs(difference / expected - 1);
      assertTrue(error <= 1e-6, "rows: " + error);
    }
  }

  /** Every entry of λ for two classes; two directions that involve all of them otherwise. */
  private static List<double[]> directions(Case of, int size) {
    List<double[]> directions = new ArrayList<>();
    if (of.loss().classes() > 2 && size > 1) {
      directions.add(TestProblems.vector(91, size, 1));
      directions.add(TestProblems.vector(92, size, 1));
      return directions;
    }
    for (int j = 0; j < size; j++) {
      double[] unit = new double[size];
      unit[j] = 1;
      directions.add(unit);
    }
    return directions;
  }

  private interface Curve {
    double at(double t);
  }

  /** f'(0) with an error of order h⁴. */
  private static double fourthOrder(Curve f, double h) {
    return (8 * (f.at(h) - f.at(-h)) - (f.at(2 * h) - f.at(-2 * h))) / (12 * h);
  }

  @Test
  void everyRowOfTheExampleWeightsEqualsItsOwnCentralDifference() {
    SolvedProblem solved =
        new SolvedProblem(
            new Case(Upper.EXAMPLE_WEIGHTS, Storage.CSR_SHIFTED, true, new SoftmaxLoss(3)));
    Data data = solved.data;
    double[] c = DenseHypergradient.strengths(data, SolvedProblem.L2);
    double[] lambda = solved.rowLambda(solved.point);
    DenseReference lower = new DenseReference(data.model(), data.train());
    DenseReference upper = new DenseReference(data.model(), data.upper());
    double[] weights = data.upper().allWeights();
    double[] h = solved.rowHypergradients();
    double[] differences = new double[h.length];
    for (int i = 0; i < h.length; i++) {
      int row = i;
      differences[i] =
          h.length
              * fourthOrder(
                  t -> {
                    double[] s = new double[lambda.length];
                    for (int j = 0; j < s.length; j++) {
                      double x = lambda[j] + (j == row ? t : 0);
                      s[j] = data.train().weights()[j] / (1 + Math.exp(-x));
                    }
                    double[] theta = lower.minimize(solved.point.theta(), s, c);
                    return upper.value(theta, weights, new double[c.length]);
                  },
                  2e-2);
    }
    double error = distance(h, differences);
    assertTrue(error <= 1e-6, "" + error);
  }

  @ParameterizedTest
  @MethodSource("storages")
  void isTheClosedFormOfRidgeRegression(Storage storage) {
    SolvedProblem solved =
        new SolvedProblem(new Case(Upper.L2_ALONE, storage, false, new SquaredLoss()));
    Rows train = solved.data.train();
    Rows trusted = solved.data.upper();
    int p = solved.data.model().features();
    double[][] gram = new double[p][p];
    double[] moment = new double[p];
    for (int i = 0; i < train.count(); i++) {
      double w = train.weights()[i] / train.count();
      for (int j = 0; j < p; j++) {
        moment[j] += w * train.x()[i][j] * train.labels()[i];
        for (int l = 0; l < p; l++) {
          gram[j][l] += w * train.x()[i][j] * train.x()[i][l];
        }
      }
    }
    for (int j = 0; j < p; j++) {
      gram[j][j] += SolvedProblem.L2;
    }
    // θ = M⁻¹ m, dθ/dλ = −l2 M⁻¹ θ, Φ' = ⟨∇F, dθ/dλ⟩.
    double[] theta = DenseReference.eliminate(gram, moment, p);
    double[] slope = DenseReference.eliminate(gram, Vectors.scaled(-SolvedProblem.L2, theta), p);
    double derivative = 0;
    for (int i = 0; i < trusted.count(); i++) {
      double error = Vectors.dot(trusted.x()[i], theta) - trusted.labels()[i];
      double share = trusted.weight(i) / trusted.count();
      derivative += share * error * Vectors.dot(trusted.x()[i], slope);
    }
    double mixed =
        solved.oracle.mixedProduct(solved.point, solved.point.theta(), solved.adjoint).values()[0];
    double tolerance = storage.isSingle() ? 1e-5 : 1e-11;
    assertTrue(distance(solved.point.theta(), theta) <= tolerance, "θ");
    assertEquals(derivative, -mixed, tolerance * Math.abs(derivative));
  }

  static Storage[] storages() {
    return Storage.values();
  }
}
