package io.github.sparkbilevel.bilevel;

import static io.github.sparkbilevel.DenseReference.distance;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.DenseReference;
import io.github.sparkbilevel.TestProblems;
import io.github.sparkbilevel.TestProblems.Data;
import io.github.sparkbilevel.TestProblems.Rows;
import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.DenseFeatures;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.model.LogisticLoss;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.SoftmaxLoss;
import io.github.sparkbilevel.model.SquaredLoss;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.Lasso;
import io.github.sparkbilevel.problem.Penalty;
import io.github.sparkbilevel.problem.Penalty.Sharing;
import io.github.sparkbilevel.problem.oracle.BlockOracle;
import io.github.sparkbilevel.solve.Status;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Lasso and elastic net equal coordinate descent in loops, and Gaussian elimination on the support.
 */
class SparsePenaltyTest {
  private static final double EXACT = 1e-20;
  private static final double L2 = 0.02;

  /** Solutions by coordinate descent, which do not depend on how ours are found. */
  private static final Map<Reference, double[]> SOLUTIONS = new HashMap<>();

  private record Reference(
      String loss, boolean intercept, List<Double> strengths, List<Double> ridge) {}

  private record Case(
      Loss loss, boolean intercept, Sharing sharing, boolean tunesL2, Curvature by) {}

  static Stream<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (Loss loss : List.of(new LogisticLoss(), new SoftmaxLoss(3), new SquaredLoss())) {
      for (Curvature by : Curvatures.SOLVING) {
        for (boolean tunesL2 : new boolean[] {true, false}) {
          cases.add(new Case(loss, true, Sharing.PER_FEATURE, tunesL2, by));
        }
      }
      cases.add(new Case(loss, false, Sharing.PER_COEFFICIENT, true, Curvature.JACOBI_CG));
      cases.add(new Case(loss, true, Sharing.ONE, false, Curvature.EXACT));
      cases.add(new Case(loss, true, Sharing.PER_FEATURE, true, Curvature.WORKING_SET));
      cases.add(new Case(loss, false, Sharing.PER_COEFFICIENT, false, Curvature.WORKING_SET));
    }
    return cases.stream();
  }

  /** A problem and the reference for it. */
  private static final class Setting {
    final Case of;
    final Data data;
    final LinearModel model;
    final Penalty ridge;
    final Penalty strengths;
    final BilevelProblem problem;
    final BlockOracle oracle;
    final UpperObjective objective;

    Setting(Case of) {
      this.of = of;
      data = TestProblems.of(of.loss).features(8).intercept(of.intercept).make();
      model = data.model();
      ridge =
          of.tunesL2 ? Penalty.tuned(model, Sharing.ONE, false) : Penalty.fixed(model, L2, false);
      strengths = Penalty.tuned(model, of.sharing, false);
      problem = new BilevelProblem(model, ridge, new Lasso(strengths));
      oracle = new BlockOracle(problem, data.engine(), "auto", data.train().count());
      objective = new UpperObjective(oracle, new NewtonSystem(of.by, 0, 5, 6));
    }

    double[] lambda(long seed) {
      double[] lambda = TestProblems.vector(seed, problem.sharedSize(), 0.7);
      for (int j = 0; j < lambda.length; j++) {
        lambda[j] -= 3;
      }
      return lambda;
    }

    double[] l1(double[] lambda) {
      return strengths.strengths(Vectors.slice(lambda, ridge.size(), strengths.size()));
    }

    double[] l2(double[] lambda) {
      return ridge.strengths(Vectors.slice(lambda, 0, ridge.size()));
    }

    double[] solution(double[] lambda) {
      double[] w = l1(lambda);
      double[] c = l2(lambda);
      Reference reference = new Reference(of.loss.name(), of.intercept, listed(w), listed(c));
      return SOLUTIONS
          .computeIfAbsent(reference, r -> coordinateDescent(model, data.train(), w, c))
          .clone();
    }

    private static List<Double> listed(double[] values) {
      return Arrays.stream(values).boxed().toList();
    }

    double phi(double[] lambda) {
      double[] zero = new double[model.size()];
      return new DenseReference(model, data.upper())
          .value(solution(lambda), data.upper().allWeights(), zero);
    }

    double[] hypergradient(double[] lambda) {
      double[] theta = solution(lambda);
      double[] c = l2(lambda);
      DenseReference lower = new DenseReference(model, data.train());
      double[][] h = lower.hessian(theta, data.train().allWeights(), c);
      double[] f =
          new DenseReference(model, data.upper())
              .gradient(theta, data.upper().allWeights(), new double[theta.length]);
      int[] s = IntStream.range(0, theta.length).filter(j -> theta[j] != 0).toArray();
      boolean free = of.intercept && model.outputs() > 1;
      int count = s.length - (free ? 1 : 0);
      double[][] part = new double[count][count];
      double[] b = new double[count];
      for (int i = 0; i < count; i++) {
        b[i] = f[s[i]];
        for (int j = 0; j < count; j++) {
          part[i][j] = h[s[i]][s[j]];
        }
      }
      double[] ofSupport = DenseReference.eliminate(part, b, count);
      double[] u = new double[theta.length];
      for (int i = 0; i < count; i++) {
        u[s[i]] = ofSupport[i];
      }
      double[] g = new double[lambda.length];
      double[] w = l1(lambda);
      int p = model.features();
      int q = model.columnLength();
      for (int j = 0; j < theta.length; j++) {
        if (j % q < p) {
          int entry =
              switch (of.sharing) {
                case ONE -> 0;
                case PER_FEATURE -> j % q;
                default -> j / q * p + j % q;
              };
          g[ridge.size() + entry] -= w[j] * Math.signum(theta[j]) * u[j];
          g[0] -= ridge.size() > 0 ? c[j] * theta[j] * u[j] : 0;
        }
      }
      return g;
    }
  }

  /**
   * Minimises (1/n) Σ s_i ℓ_i + Σ_j (½ c_j θ_j² + w_j |θ_j|) one coefficient at a time, each by a
   * quadratic that lies above the loss.
   */
  static double[] coordinateDescent(LinearModel model, Rows rows, double[] w, double[] c) {
    int q = model.columnLength();
    int n = rows.count();
    int k = model.outputs();
    DenseReference formulas = new DenseReference(model, rows);
    double[] theta = new double[model.size()];
    double[][] z = new double[n][k];
    double bound = model.loss() instanceof SquaredLoss ? 1 : 0.25;
    for (int sweep = 0; sweep < 100_000; sweep++) {
      double most = 0;
      for (int j = 0; j < theta.length; j++) {
        int output = j / q;
        int feature = j % q;
        double gradient = c[j] * theta[j];
        double curvature = c[j];
        for (int i = 0; i < n; i++) {
          double x = feature < model.features() ? rows.x()[i][feature] : 1;
          double label = k == 1 ? rows.labels()[i] : rows.labels()[i] == output ? 1 : 0;
          gradient += rows.weight(i) * (formulas.prediction(z[i])[output] - label) * x / n;
          curvature += rows.weight(i) * bound * x * x / n;
        }
        double next = theta[j] - gradient / curvature;
        next = Math.signum(next) * Math.max(0, Math.abs(next) - w[j] / curvature);
        double change = next - theta[j];
        most = Math.max(most, Math.abs(change));
        theta[j] = next;
        for (int i = 0; i < n; i++) {
          z[i][output] += change * (feature < model.features() ? rows.x()[i][feature] : 1);
        }
      }
      if (most < 1e-15) {
        break;
      }
    }
    return theta;
  }

  /** Without the common shift of softmax intercepts. */
  private static double[] centred(LinearModel model, double[] theta) {
    double[] result = theta.clone();
    int q = model.columnLength();
    for (int j = q - 1; model.intercept() && j < theta.length; j += q) {
      for (int i = q - 1; i < theta.length; i += q) {
        result[j] -= model.outputs() > 1 ? theta[i] / model.outputs() : 0;
      }
    }
    return result;
  }

  private static void requireSameZeros(double[] expected, double[] got) {
    for (int j = 0; j < got.length; j++) {
      assertEquals(expected[j] == 0, got[j] == 0, "coefficient " + j + ": " + got[j]);
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void equalsCoordinateDescentFromAColdAndFromAWarmStart(Case of) {
    Setting at = new Setting(of);
    UpperPoint warm = null;
    int zeros = 0;
    for (long seed = 1; seed <= 3; seed++) {
      double[] lambda = at.lambda(seed);
      UpperPoint point = at.objective.at(lambda, warm, EXACT);
      assertTrue(point.status().isUsable(), "" + point.status());
      double[] theta = at.solution(lambda);
      requireSameZeros(theta, point.evaluation().theta());
      zeros += (int) Arrays.stream(theta).filter(v -> v == 0).count();
      double[] got = centred(at.model, point.evaluation().theta());
      double off = distance(got, centred(at.model, theta));
      assertTrue(off <= 1e-9, "θ: " + off);
      assertTrue(Vectors.normInf(point.evaluation().gradient()) <= 1e-9);
      double phi = at.phi(lambda);
      assertEquals(phi, point.value(), 1e-9 * phi);
      double error = distance(point.hypergradient(), at.hypergradient(lambda));
      assertTrue(error <= 1e-8, "∇Φ: " + error);
      warm = point;
    }
    assertTrue(zeros > 0, "nothing is 0");
  }

  @ParameterizedTest
  @MethodSource("cases")
  void hypergradientIsTheCentralDifferenceAwayFromKinks(Case of) {
    Setting at = new Setting(of);
    double[] lambda = at.lambda(4);
    UpperPoint point = at.objective.at(lambda, null, EXACT);
    double[] direction = TestProblems.vector(5, lambda.length, 1);
    double h = 1e-4;
    double[] phi = new double[2];
    for (int side = 0; side < 2; side++) {
      double[] next = Vectors.plus(lambda, side == 0 ? h : -h, direction);
      UpperPoint there = at.objective.at(next, point, EXACT);
      requireSameZeros(point.evaluation().theta(), there.evaluation().theta());
      phi[side] = there.value();
    }
    double slope = Vectors.dot(point.hypergradient(), direction);
    double scale = Vectors.norm(point.hypergradient()) * Vectors.norm(direction);
    assertEquals(slope, (phi[0] - phi[1]) / (2 * h), 1e-5 * scale);
  }

  /** With orthogonal features θ_j = shrink(b_j, e^λ_j), so that ∂θ_j/∂λ_j is known. */
  @Test
  void equalsTheClosedFormOfOrthogonalDesigns() {
    int p = 8;
    double[] values = new double[p * p];
    for (int i = 0; i < p; i++) {
      for (int j = 0; j < p; j++) {
        // A Hadamard matrix: (1/n) AᵀA = I.
        values[i * p + j] = Integer.bitCount(i & j) % 2 == 0 ? 1 : -1;
      }
    }
    double[] b = {1.5, -0.8, 0.3, -0.05, 0.02, 0.6, -0.4, 0.1};
    double[] trained = {1, -1, 0.2, 0, 0.5, 0.4, -0.7, -0.3};
    LinearModel model = new LinearModel(new SquaredLoss(), p, false);
    long[] ids = IntStream.range(0, p).asLongStream().toArray();
    Block train = new Block(ids, DenseFeatures.ofDoubles(p, p, values), times(values, b));
    Block upper = new Block(ids, DenseFeatures.ofDoubles(p, p, values), times(values, trained));
    var problem =
        new BilevelProblem(model, new Lasso(Penalty.tuned(model, Sharing.PER_FEATURE, false)));
    var rows =
        new io.github.sparkbilevel.block.PartitionData(
            new Block[] {train}, new Block[] {upper}, new Block[0], new Block[0]);
    var engine = new io.github.sparkbilevel.problem.pass.LocalEngine(List.of(rows));
    try (BlockOracle oracle = new BlockOracle(problem, engine, "auto", p)) {
      double[] lambda = new double[p];
      Arrays.setAll(lambda, j -> Math.log(0.08 + 0.01 * j));
      Hypergradients job = new Hypergradients(1e-10, 1000, 5);
      for (Curvature by : List.of(Curvature.EXACT, Curvature.CG)) {
        var solved = job.solve(oracle, lambda, new double[p], by);
        assertEquals(Status.CONVERGED, solved.status());
        var answers = job.answers(oracle, solved, List.of(Curvature.EXACT, Curvature.CG));
        double phi = 0;
        for (int j = 0; j < p; j++) {
          double width = Math.exp(lambda[j]);
          double theta = Math.signum(b[j]) * Math.max(0, Math.abs(b[j]) - width);
          assertEquals(theta, solved.evaluation().theta()[j], 1e-14);
          phi += (theta - trained[j]) * (theta - trained[j]) / 2;
          double slope = theta == 0 ? 0 : -(theta - trained[j]) * width * Math.signum(theta);
          for (var answer : answers) {
            assertEquals(slope, answer.shared()[j], 1e-10);
          }
        }
        assertEquals(phi, solved.upperObjective(), 1e-12);
      }
      assertThrows(
          IllegalArgumentException.class,
          () -> job.solve(oracle, lambda, new double[p], Curvature.KFAC));
    }
  }

  private static double[] times(double[] rows, double[] x) {
    double[] y = new double[x.length];
    for (int i = 0; i < y.length; i++) {
      for (int j = 0; j < x.length; j++) {
        y[i] += rows[i * x.length + j] * x[j];
      }
    }
    return y;
  }

  @Test
  void gridFindsTheSolutionsOfAPath() {
    Setting at =
        new Setting(new Case(new LogisticLoss(), true, Sharing.ONE, false, Curvature.EXACT));
    var range = new PenaltySearch.Range(7, 1e-3, 10);
    var search =
        PenaltySearch.grid(
            at.problem, List.of(at.ridge, new Lasso(at.strengths)), range, at.of.by, "auto");
    var found = search.run(at.data.engine(), at.data.train().count());
    assertEquals(7, found.trials().size());
    for (PenaltySearch.Trial trial : found.trials()) {
      double phi = at.phi(trial.solution().lambda());
      assertEquals(phi, trial.solution().upperObjective(), 1e-3 * phi);
      assertTrue(trial.status().isUsable());
    }
    assertArrayEquals(
        at.solution(found.best().orElseThrow().solution().lambda()),
        found.best().orElseThrow().solution().theta(),
        1e-3);
  }
}
