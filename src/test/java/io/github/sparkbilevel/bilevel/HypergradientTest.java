package io.github.sparkbilevel.bilevel;

import static io.github.sparkbilevel.DenseReference.distance;
import static io.github.sparkbilevel.DenseReference.filled;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.DenseReference;
import io.github.sparkbilevel.TestProblems;
import io.github.sparkbilevel.TestProblems.Data;
import io.github.sparkbilevel.TestProblems.Rows;
import io.github.sparkbilevel.TestProblems.Storage;
import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.LogisticLoss;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.SoftmaxLoss;
import io.github.sparkbilevel.model.SquaredLoss;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.ExampleWeights;
import io.github.sparkbilevel.problem.PartitionState;
import io.github.sparkbilevel.problem.Penalty;
import io.github.sparkbilevel.problem.UpperVariable;
import io.github.sparkbilevel.problem.WeightFunction;
import io.github.sparkbilevel.problem.oracle.BilevelOracle.MixedProduct;
import io.github.sparkbilevel.problem.oracle.BilevelOracle.Query;
import io.github.sparkbilevel.problem.oracle.BlockOracle;
import io.github.sparkbilevel.problem.oracle.Evaluation;
import io.github.sparkbilevel.problem.oracle.RowStep;
import io.github.sparkbilevel.problem.pass.LocalEngine;
import io.github.sparkbilevel.solve.ConjugateGradient;
import io.github.sparkbilevel.solve.Status;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** −∇²_λθ G · u at the exact adjoint is the gradient of Φ(λ) = F(θ*(λ)). */
class HypergradientTest {
  private static final double L2 = 0.05;
  private static final int TRUSTED_MODELS = 2;

  private enum Upper {
    EXAMPLE_WEIGHTS(new ExampleWeights(0.4), false),
    EXAMPLE_WEIGHTS_AND_L2(new ExampleWeights(0.4), true),
    GROUP_WEIGHTS(WeightFunction.ofGroups(3), false),
    GROUP_WEIGHTS_AND_L2(WeightFunction.ofGroups(3), true),
    WEIGHT_FUNCTION(new WeightFunction(WeightFunction.ALL_SCORES, 0), false),
    WEIGHT_FUNCTION_AND_L2(new WeightFunction(WeightFunction.ALL_SCORES, 3), true),
    GIVEN_LOG_ODDS(new WeightFunction(WeightFunction.ALL_SCORES, 3).withGivenLogOdds(), false),
    L2_ALONE(UpperVariable.NONE, true);

    @SuppressWarnings("ImmutableEnumChecker") // Its kinds are records of numbers.
    private final UpperVariable variable;

    private final boolean tunesPenalty;

    Upper(UpperVariable variable, boolean tunesPenalty) {
      this.variable = variable;
      this.tunesPenalty = tunesPenalty;
    }
  }

  private record Case(Upper upper, Storage storage, boolean intercept, Loss loss) {
    @Override
    public String toString() {
      return upper + ", " + storage + (intercept ? ", intercept, " : ", ") + loss;
    }
  }

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

  /** A problem at its lower solution, with the exact adjoint. */
  private static final class Solved {
    final Case of;
    final Data data;
    final LocalEngine engine;
    final BlockOracle oracle;
    final double[] lambda;
    final Evaluation point;
    final double[] adjoint;
    final double[][] featureModels;

    Solved(Case of) {
      this.of = of;
      data =
          TestProblems.of(of.loss)
              .intercept(of.intercept)
              .storage(of.storage)
              .rows(of.loss.classes() > 3 ? 90 : 60, 26, 9, 8)
              .make();
      engine = of.upper == Upper.GIVEN_LOG_ODDS ? bringing(data) : data.engine();
      Penalty penalty =
          of.upper.tunesPenalty
              ? Penalty.tuned(data.model(), false)
              : Penalty.fixed(data.model(), L2, false);
      BilevelProblem problem = new BilevelProblem(data.model(), of.upper.variable, penalty);
      oracle = new BlockOracle(problem, engine, "auto", data.train().count());
      lambda = TestProblems.vector(5, problem.sharedSize(), 0.8);
      if (of.upper.tunesPenalty) {
        lambda[lambda.length - 1] = Math.log(L2);
      }
      int d = data.model().size();
      featureModels = new double[TRUSTED_MODELS + 2][];
      for (int m = 0; m < featureModels.length; m++) {
        featureModels[m] = TestProblems.vector(20 + m, d, 0.7);
      }
      if (isScored()) {
        double[] trusted = new double[TRUSTED_MODELS * d];
        for (int m = 0; m < TRUSTED_MODELS; m++) {
          System.arraycopy(featureModels[m], 0, trusted, m * d, d);
        }
        oracle.makeFeatures(trusted, 0, featureModels[TRUSTED_MODELS + 1]);
        oracle.makeFeatures(trusted, 1, featureModels[TRUSTED_MODELS]);
      }
      Evaluation start = null;
      if (problem.hasExampleWeights()) {
        // A step along any u makes the λ_i differ.
        double[] any = TestProblems.vector(6, d, 1);
        start =
            oracle.evaluate(
                Query.at(new double[d], lambda)
                    .along(any)
                    .from(null, new RowStep(2, 0.5, 3, -4, 4)));
      }
      point = solve(start, lambda, new double[d]);
      adjoint =
          exact()
              .solve(
                  oracle.lower(point, lambda),
                  point,
                  new double[][] {point.upperGradient()},
                  new ConjugateGradient(1, 0))
              .columns()[0];
    }

    /** The same rows with the probabilities of their classes. */
    static LocalEngine bringing(Data data) {
      List<PartitionData> partitions = new ArrayList<>();
      for (PartitionData part : data.partitions()) {
        Block[] train = part.train().clone();
        for (int b = 0; b < train.length; b++) {
          float[] all = new float[train[b].rows() * data.model().loss().classes()];
          for (int i = 0; i < train[b].rows(); i++) {
            float[] p = given(data, train[b].ids()[i]);
            System.arraycopy(p, 0, all, i * p.length, p.length);
          }
          train[b] = train[b].withProbabilities(all);
        }
        partitions.add(new PartitionData(train, part.upper(), part.heldOut(), part.test()));
      }
      return new LocalEngine(partitions);
    }

    static float[] given(Data data, long id) {
      double[] z = TestProblems.vector(700 + id, data.model().loss().classes(), 3);
      double sum = Arrays.stream(z).map(Math::exp).sum();
      float[] p = new float[z.length];
      for (int k = 0; k < p.length; k++) {
        p[k] = (float) (Math.exp(z[k]) / sum);
      }
      return p;
    }

    boolean isScored() {
      return of.upper.variable.logOdds() > 0;
    }

    static NewtonSystem exact() {
      return new NewtonSystem(Curvature.EXACT, 0, 1);
    }

    Evaluation solve(Evaluation start, double[] at, double[] theta) {
      var result =
          new LowerSolver(0, of.storage.isSingle() ? 1e-6 : 1e-12, 80)
              .minimize(oracle.lower(start, at), theta, exact());
      assertEquals(Status.CONVERGED, result.status());
      return result.point();
    }

    /** Φ at another λ; {@code start} holds the λ_i beside the rows, or is null. */
    double upperAt(Evaluation start, double[] at) {
      return solve(start, at, point.theta()).upper().loss();
    }

    double[] rowLambda(Evaluation evaluation) {
      List<double[]> parts = new ArrayList<>();
      for (PartitionState state : engine.states(oracle.states(evaluation))) {
        parts.addAll(List.of(state.lambda()));
      }
      return parts.stream().flatMapToDouble(Arrays::stream).toArray();
    }

    /** The λ_i after a step of that length along ±h. */
    Evaluation stepped(double[] along, double length, double scale) {
      return oracle.evaluate(
          Query.at(point.theta(), lambda)
              .along(along)
              .from(point, new RowStep(length, scale, 1e9, -1e9, 1e9)));
    }

    /** h_i = n ∂Φ/∂λ_i. */
    double[] rowHypergradients() {
      // A step is by what a row of weight 1 would have.
      double[] h = Vectors.plus(rowLambda(point), -1, rowLambda(stepped(adjoint, 1, 1)));
      Arrays.setAll(h, i -> data.train().weight(i) * h[i]);
      return h;
    }
  }

  /** The same figures by loops over rows and Gaussian elimination. */
  private static final class Expected {
    final double[] theta;
    final double[] adjoint;
    final double[] rows;
    final double[] shared;

    Expected(Solved solved) {
      Data data = solved.data;
      DenseReference lower = new DenseReference(data.model(), data.train());
      int n = data.train().count();
      double[][] phi = features(solved);
      double[] argument = new double[n];
      double[] s = new double[n];
      if (solved.of.upper.variable instanceof ExampleWeights) {
        argument = solved.rowLambda(solved.point);
      }
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < phi[i].length; j++) {
          argument[i] += phi[i][j] * solved.lambda[j];
        }
        boolean weighs = solved.of.upper.variable.weighsRows();
        s[i] = data.train().weights()[i] * (weighs ? 1 / (1 + Math.exp(-argument[i])) : 1);
      }
      double[] c = strengths(data, L2);
      theta = lower.minimize(new double[c.length], s, c);
      DenseReference upper = new DenseReference(data.model(), data.upper());
      double[] weights = data.upper().allWeights();
      double[] g = upper.gradient(theta, weights, new double[c.length]);
      adjoint = lower.solve(lower.hessian(theta, s, c), g, c);
      rows = new double[n];
      shared = new double[solved.lambda.length];
      for (int i = 0; i < n; i++) {
        double sigma = 1 / (1 + Math.exp(-argument[i]));
        rows[i] =
            -data.train().weights()[i] * sigma * (1 - sigma) * lower.directional(theta, adjoint, i);
        for (int j = 0; j < phi[i].length; j++) {
          shared[j] += phi[i][j] * rows[i] / n;
        }
      }
      if (solved.of.upper.tunesPenalty) {
        for (int j = 0; j < c.length; j++) {
          shared[shared.length - 1] -= c[j] * theta[j] * adjoint[j];
        }
      }
    }

    private static double[][] features(Solved solved) {
      Data data = solved.data;
      int n = data.train().count();
      WeightFunction designed =
          solved.of.upper.variable instanceof WeightFunction some
              ? some
              : WeightFunction.ofGroups(1);
      int fixed = designed.logOdds() > 0 ? 4 + designed.given() : 0;
      int length = solved.of.upper.variable.size();
      double[][] phi = new double[n][length];
      if (length == 0) {
        return phi;
      }
      if (designed.logOdds() > 0) {
        double[] trusted = logOdds(solved, 1);
        double[] current = logOdds(solved, TRUSTED_MODELS);
        double[] start = logOdds(solved, TRUSTED_MODELS + 1);
        for (int i = 0; i < n; i++) {
          phi[i][0] = 1;
          phi[i][1] = trusted[i];
          phi[i][2] = current[i];
          phi[i][3] = start[i];
        }
        double[] given = designed.given() > 0 ? standardized(train(solved), given(solved)) : null;
        for (int i = 0; i < n && given != null; i++) {
          phi[i][4] = given[i];
        }
      }
      for (int i = 0; i < n && designed.groups() > 0; i++) {
        phi[i][fixed + data.train().groups()[i]] = 1;
      }
      return phi;
    }

    private static Rows train(Solved solved) {
      return solved.data.train();
    }

    private static double[] given(Solved solved) {
      double[] x = new double[train(solved).count()];
      for (int i = 0; i < x.length; i++) {
        float[] all = Solved.given(solved.data, train(solved).ids()[i]);
        double p = all[(int) train(solved).labels()[i]];
        x[i] = Math.max(-5, Math.min(5, Math.log(p / (1 - p))));
      }
      return x;
    }

    private static double[] logOdds(Solved solved, int model) {
      Rows train = solved.data.train();
      DenseReference reference = new DenseReference(solved.data.model(), train);
      double[] x = new double[train.count()];
      for (int i = 0; i < x.length; i++) {
        double p = Math.exp(-reference.loss(solved.featureModels[model], i));
        x[i] = Math.max(-5, Math.min(5, Math.log(p / (1 - p))));
      }
      return standardized(train, x);
    }

    private static double[] standardized(Rows train, double[] x) {
      double mean = train.mean(x);
      double variance = train.mean(Arrays.stream(x).map(v -> (v - mean) * (v - mean)).toArray());
      return Arrays.stream(x).map(v -> (v - mean) / Math.sqrt(variance)).toArray();
    }
  }

  private static double[] strengths(Data data, double l2) {
    int q = data.model().features() + (data.model().intercept() ? 1 : 0);
    double[] c = filled(data.model().loss().outputs() * q, l2);
    for (int j = data.model().features(); data.model().intercept() && j < c.length; j += q) {
      c[j] = 0;
    }
    return c;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void equalsTheDenseSolve(Case of) {
    Solved solved = new Solved(of);
    Expected expected = new Expected(solved);
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
    Solved solved = new Solved(of);
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
    if (of.loss.classes() > 2 && size > 1) {
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
    Solved solved =
        new Solved(new Case(Upper.EXAMPLE_WEIGHTS, Storage.CSR_SHIFTED, true, new SoftmaxLoss(3)));
    Data data = solved.data;
    double[] c = strengths(data, L2);
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
    Solved solved = new Solved(new Case(Upper.L2_ALONE, storage, false, new SquaredLoss()));
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
      gram[j][j] += L2;
    }
    // θ = M⁻¹ m, dθ/dλ = −l2 M⁻¹ θ, Φ' = ⟨∇F, dθ/dλ⟩.
    double[] theta = DenseReference.eliminate(gram, moment, p);
    double[] slope = DenseReference.eliminate(gram, Vectors.scaled(-L2, theta), p);
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
