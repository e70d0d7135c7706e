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
import io.github.sparkbilevel.block.PartitionData;
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
import io.github.sparkbilevel.problem.pass.LocalEngine;
import io.github.sparkbilevel.solve.Status;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Penalties that make groups of coefficients 0: block coordinate descent in loops, differences. */
class GroupLassoTest {
  private static final double EXACT = 1e-20;
  private static final double L2 = 0.02;
  private static final int FEATURES = 9;
  private static final int[] GROUPS = {0, 1, 0, 2, 1, 3, 2, 0, 3};

  private record Case(Loss loss, boolean intercept, boolean one, double l2, Curvature by) {}

  static Stream<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (Curvature by : Curvatures.SOLVING) {
      cases.add(new Case(new LogisticLoss(), true, false, L2, by));
    }
    for (Loss loss : List.of(new SoftmaxLoss(3), new SquaredLoss())) {
      cases.add(new Case(loss, true, false, L2, Curvature.EXACT));
      cases.add(new Case(loss, true, false, L2, Curvature.JACOBI_CG));
      cases.add(new Case(loss, true, false, L2, Curvature.WORKING_SET));
      cases.add(new Case(loss, true, true, 0, Curvature.WORKING_SET));
      cases.add(new Case(loss, false, true, L2, Curvature.EXACT));
      cases.add(new Case(loss, true, false, 0, Curvature.JACOBI_CG));
      cases.add(new Case(loss, true, true, 0, Curvature.EXACT));
    }
    return cases.stream();
  }

  /** A problem and the reference for it. */
  private static final class Setting {
    final Case of;
    final Data data;
    final LinearModel model;
    final Penalty strengths;
    final BilevelProblem problem;
    final UpperObjective objective;

    Setting(Case of) {
      this.of = of;
      data = TestProblems.of(of.loss).features(FEATURES).intercept(of.intercept).make();
      model = data.model();
      Penalty groups = Penalty.grouped(model, GROUPS, 4, false);
      strengths = of.one ? Penalty.tuned(model, false) : groups;
      problem =
          new BilevelProblem(
              model, Penalty.fixed(model, of.l2, false), Lasso.grouped(strengths, groups));
      BlockOracle oracle = new BlockOracle(problem, data.engine(), "auto", data.train().count());
      objective = new UpperObjective(oracle, new NewtonSystem(of.by, 0, 5, 6));
    }

    double[] lambda(long seed) {
      double[] noise = TestProblems.vector(seed, problem.sharedSize(), 0.7);
      return Arrays.stream(noise).map(v -> v - (of.one ? 2.2 : 3)).toArray();
    }

    /** c_g, written out. */
    double[] widths(double[] lambda) {
      double[] widths = new double[4];
      for (int g = 0; g < 4; g++) {
        int group = g;
        long features = Arrays.stream(GROUPS).filter(of -> of == group).count();
        widths[g] =
            Math.sqrt(features * model.outputs()) * Math.exp(of.one ? lambda[0] : lambda[g]);
      }
      return widths;
    }

    double[] solution(double[] lambda) {
      return blockDescent(model, data.train(), widths(lambda), of.l2);
    }

    double phi(double[] lambda) {
      double[] zero = new double[model.size()];
      return new DenseReference(model, data.upper())
          .value(solution(lambda), data.upper().allWeights(), zero);
    }
  }

  /**
   * Minimises (1/n) Σ s_i ℓ_i + Σ_j ½ l2 θ_j² + Σ_g c_g ‖θ_g‖ one group at a time, each by a
   * multiple of the identity that lies above its part of the Hessian.
   */
  private static double[] blockDescent(LinearModel model, Rows rows, double[] widths, double l2) {
    int q = model.columnLength();
    int n = rows.count();
    int k = model.outputs();
    DenseReference formulas = new DenseReference(model, rows);
    double[] theta = new double[model.size()];
    double bound = model.loss() instanceof SquaredLoss ? 1 : k == 1 ? 0.25 : 0.5;
    List<int[]> blocks = new ArrayList<>();
    for (int g = 0; g <= 4; g++) {
      int group = g;
      blocks.add(
          IntStream.range(0, theta.length)
              .filter(j -> (j % q < FEATURES ? GROUPS[j % q] : 4) == group)
              .toArray());
    }
    double[][] z = new double[n][k];
    for (int sweep = 0; sweep < 200_000; sweep++) {
      double most = 0;
      for (int g = 0; g <= 4; g++) {
        double c = g < 4 ? l2 : 0;
        double[] next = new double[theta.length];
        double curvature = c;
        for (int i = 0; i < n; i++) {
          double[] p = formulas.prediction(z[i]);
          for (int j : blocks.get(g)) {
            double x = j % q < FEATURES ? rows.x()[i][j % q] : 1;
            double label = k == 1 ? rows.labels()[i] : rows.labels()[i] == j / q ? 1 : 0;
            next[j] += rows.weight(i) * (p[j / q] - label) * x / n;
            curvature += j / q == 0 ? rows.weight(i) * bound * x * x / n : 0;
          }
        }
        double norm = 0;
        for (int j : blocks.get(g)) {
          next[j] = theta[j] - (next[j] + c * theta[j]) / curvature;
          norm += next[j] * next[j];
        }
        double width = g < 4 ? widths[g] / curvature : 0;
        double kept = width > 0 ? Math.max(0, 1 - width / Math.sqrt(norm)) : 1;
        for (int j : blocks.get(g)) {
          double change = kept * next[j] - theta[j];
          most = Math.max(most, Math.abs(change));
          theta[j] += change;
          for (int i = 0; i < n; i++) {
            z[i][j / q] += change * (j % q < FEATURES ? rows.x()[i][j % q] : 1);
          }
        }
      }
      if (most < 1e-14) {
        break;
      }
    }
    return theta;
  }

  private static void requireSameZeros(double[] expected, double[] got) {
    for (int j = 0; j < got.length; j++) {
      assertEquals(expected[j] == 0, got[j] == 0, "coefficient " + j + ": " + got[j]);
    }
  }

  /** The solution without intercepts, which softmax leaves a common shift. */
  private static double[] penalized(Setting at, double[] theta) {
    int q = at.model.columnLength();
    return IntStream.range(0, theta.length)
        .filter(j -> j % q < FEATURES)
        .mapToDouble(j -> theta[j])
        .toArray();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void equalsBlockCoordinateDescentFromAColdAndFromAWarmStart(Case of) {
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
      double off = distance(penalized(at, point.evaluation().theta()), penalized(at, theta));
      assertTrue(off <= 1e-9, "θ: " + off);
      assertTrue(Vectors.normInf(point.evaluation().gradient()) <= 1e-9);
      double phi = at.phi(lambda);
      assertEquals(phi, point.value(), 1e-9 * phi);
      warm = point;
    }
    assertTrue(zeros > 0, "nothing is 0");
  }

  @ParameterizedTest
  @MethodSource("cases")
  void hypergradientIsTheCentralDifferenceAwayFromKinks(Case of) {
    Setting at = new Setting(of);
    double[] lambda = at.lambda(of.one ? 6 : 4);
    UpperPoint point = at.objective.at(lambda, null, EXACT);
    assertTrue(Vectors.norm(point.hypergradient()) > 0);
    double h = 1e-4;
    double[] differences = new double[lambda.length];
    for (int j = 0; j < lambda.length; j++) {
      double[] phi = new double[2];
      for (int side = 0; side < 2; side++) {
        double[] next = lambda.clone();
        next[j] += side == 0 ? h : -h;
        UpperPoint there = at.objective.at(next, point, EXACT);
        requireSameZeros(point.evaluation().theta(), there.evaluation().theta());
        phi[side] = there.value();
      }
      differences[j] = (phi[0] - phi[1]) / (2 * h);
    }
    double off = distance(point.hypergradient(), differences);
    assertTrue(off <= 1e-5, "∇Φ: " + off);
  }

  /** With orthogonal features θ_g = max(0, 1 − c_g/‖b_g‖) b_g / (1 + l2), so ∂θ_g/∂λ_g is known. */
  @ParameterizedTest
  @EnumSource(
      value = Curvature.class,
      names = {"EXACT", "CG", "JACOBI_CG"})
  void equalsTheClosedFormOfOrthogonalDesigns(Curvature by) {
    int p = 8;
    double[] values = new double[p * p];
    // A Hadamard matrix: (1/n) AᵀA = I.
    Arrays.setAll(values, i -> Integer.bitCount(i / p & i % p) % 2 == 0 ? 1 : -1);
    double[] b = {1.5, -0.8, 0.3, -0.05, 0.02, 0.6, -0.4, 0.1};
    double[] trained = {1, -1, 0.2, 0, 0.5, 0.4, -0.7, -0.3};
    int[] groupOf = {0, 0, 1, 2, 2, 1, 3, 1};
    double[] lambda = {Math.log(0.2), Math.log(0.1), Math.log(0.3), Math.log(0.05)};
    LinearModel model = new LinearModel(new SquaredLoss(), p, false);
    long[] ids = IntStream.range(0, p).asLongStream().toArray();
    var features = DenseFeatures.ofDoubles(p, p, values);
    var rows =
        new PartitionData(
            new Block[] {new Block(ids, features, times(values, b))},
            new Block[] {new Block(ids, features, times(values, trained))},
            new Block[0],
            new Block[0]);
    Penalty strengths = Penalty.grouped(model, groupOf, 4, false);
    var problem =
        new BilevelProblem(
            model, Penalty.fixed(model, L2, false), Lasso.grouped(strengths, strengths));
    try (BlockOracle oracle = new BlockOracle(problem, new LocalEngine(List.of(rows)), "auto", p)) {
      Hypergradients job = new Hypergradients(1e-10, 1000, 5);
      var solved = job.solve(oracle, lambda, new double[p], by);
      assertEquals(Status.CONVERGED, solved.status());
      double[] theta = new double[p];
      double[] slopes = new double[4];
      double phi = 0;
      for (int j = 0; j < p; j++) {
        int g = groupOf[j];
        double squares = 0;
        for (int i = 0; i < p; i++) {
          squares += groupOf[i] == g ? b[i] * b[i] : 0;
        }
        double size = Arrays.stream(groupOf).filter(of -> of == g).count();
        double share = Math.sqrt(size) * Math.exp(lambda[g]) / Math.sqrt(squares);
        theta[j] = Math.max(0, 1 - share) * b[j] / (1 + L2);
        slopes[g] -= share < 1 ? (theta[j] - trained[j]) * share * b[j] / (1 + L2) : 0;
        phi += (theta[j] - trained[j]) * (theta[j] - trained[j]) / 2;
      }
      assertArrayEquals(theta, solved.evaluation().theta(), 1e-10);
      assertEquals(0, solved.evaluation().theta()[3]);
      assertEquals(phi, solved.upperObjective(), 1e-10);
      for (var answer : job.answers(oracle, solved, List.of(by))) {
        assertArrayEquals(slopes, answer.shared(), 1e-10);
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

  /** The two penalties are one where a feature has one coefficient. */
  @ParameterizedTest
  @EnumSource(
      value = Curvature.class,
      names = {"EXACT", "JACOBI_CG"})
  void groupsOfOneAreTheL1Penalties(Curvature by) {
    Data data = TestProblems.of(new LogisticLoss()).features(FEATURES).make();
    LinearModel model = data.model();
    Penalty each = Penalty.tuned(model, Sharing.PER_FEATURE, false);
    List<UpperPoint> points = new ArrayList<>();
    for (Lasso lasso : List.of(new Lasso(each), Lasso.grouped(each, each))) {
      BilevelProblem problem = new BilevelProblem(model, Penalty.fixed(model, L2, false), lasso);
      BlockOracle oracle = new BlockOracle(problem, data.engine(), "auto", data.train().count());
      double[] lambda = TestProblems.vector(3, FEATURES, 0.7);
      Arrays.setAll(lambda, j -> lambda[j] - 3);
      points.add(new UpperObjective(oracle, new NewtonSystem(by, 0, 5, 6)).at(lambda, null, 1e-12));
    }
    assertArrayEquals(
        points.get(0).evaluation().theta(), points.get(1).evaluation().theta(), 1e-12);
    assertArrayEquals(points.get(0).hypergradient(), points.get(1).hypergradient(), 1e-10);
    assertTrue(Arrays.stream(points.get(0).evaluation().theta()).anyMatch(v -> v == 0));
  }

  @Test
  void twoPenaltiesWithKinksAreRefused() {
    LinearModel model = new LinearModel(new SquaredLoss(), 2, false);
    Lasso lasso = new Lasso(Penalty.tuned(model, false));
    assertThrows(IllegalArgumentException.class, () -> new BilevelProblem(model, lasso, lasso));
  }
}
