package io.github.sparkbilevel.bilevel.algorithm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.DenseReference;
import io.github.sparkbilevel.TestProblems;
import io.github.sparkbilevel.TestProblems.Data;
import io.github.sparkbilevel.TestProblems.Rows;
import io.github.sparkbilevel.TestProblems.Storage;
import io.github.sparkbilevel.WatchedEngine;
import io.github.sparkbilevel.bilevel.algorithm.AlgorithmSettings.Bounds;
import io.github.sparkbilevel.bilevel.algorithm.AlgorithmSettings.Sampling;
import io.github.sparkbilevel.bilevel.algorithm.AlgorithmSettings.Steps;
import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.model.SoftmaxLoss;
import io.github.sparkbilevel.model.SquaredLoss;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.Penalty;
import io.github.sparkbilevel.problem.UpperVariable;
import io.github.sparkbilevel.problem.WeightFunction;
import io.github.sparkbilevel.problem.oracle.BlockOracle;
import io.github.sparkbilevel.solve.Status;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.ValueSource;

/** The algorithms on all rows: what they come to, what they cost, and what they refuse. */
class AlgorithmsTest {
  static final Bounds BOUNDS = Bounds.of(-12, 8);

  private static Steps gradient(double length, double decay) {
    return new Steps(1, 1, 0, new UpperRule(UpperRule.Kind.GRADIENT, length, decay));
  }

  static AlgorithmResult run(
      Ridge ridge, Algorithm algorithm, AlgorithmState start, AlgorithmSettings settings) {
    WatchedEngine engine = new WatchedEngine(ridge.data.engine());
    AlgorithmResult result;
    try (BlockOracle oracle = new BlockOracle(ridge.problem, engine, "auto", ridge.rows())) {
      result = algorithm.create().run(oracle, start, settings, iterate -> true);
    }
    assertEquals(0, engine.held(), "generations are left");
    return result;
  }

  static AlgorithmState at(Ridge ridge, double... lambda) {
    return AlgorithmState.start(ridge.problem, ridge.theta(lambda), lambda);
  }

  private static double error(double[] got, double[] expected) {
    return DenseReference.maxAbs(Vectors.plus(got, -1, expected));
  }

  /** Steps of λ by the inverse of ∇²Φ's trace, or a share of it where θ and u move along. */
  @ParameterizedTest
  @CsvSource({
    "nbo-gd, 100, 1, 10, 1",
    "aid-cg, 100, 20, 6, 1",
    "aid-neumann, 100, 40, 40, 1",
    "unrolled, 100, 40, 1, 1",
    "qnbo, 100, 8, 8, 1",
    "amigo, 120, 10, 10, 1",
    "stocbio, 100, 40, 40, 1",
    "soba, 250, 1, 1, 0.3",
    "saba, 250, 1, 1, 0.3",
    "ma-soba, 600, 1, 1, 0.1",
    "nsbo-sgd, 200, 1, 3, 0.3",
    "nsbo-saga, 200, 1, 3, 0.3"
  })
  void reachesTheSolution(String name, int iterations, int lower, int linear, double share) {
    Ridge ridge = Ridge.ofPenalties(7);
    double[] start = {-2, -2};
    double[] best = ridge.solution(start);
    assertTrue(error(ridge.hypergradient(best), new double[2]) < 1e-14);
    Algorithm algorithm = (Algorithm) NamedAlgorithm.of(name);
    AlgorithmSettings settings =
        algorithm
            .defaults(iterations, BOUNDS, 1)
            .inner(lower, linear)
            .sampling(Sampling.all())
            .steps(gradient(share / ridge.upperCurvature(best), 0));
    AlgorithmResult result = run(ridge, algorithm, at(ridge, start), settings);
    assertEquals(Status.BUDGET_SPENT, result.status());
    assertEquals(iterations, result.iterations());
    assertTrue(error(start, best) > 1, "the start is not the solution");
    assertArrayEquals(best, result.state().lambda(), 1e-6);
    assertArrayEquals(ridge.theta(best), result.state().theta(), 1e-6);
    assertArrayEquals(ridge.adjoint(ridge.theta(best), best), result.state().adjoint(), 1e-5);
  }

  @Test
  void firstOrderPenaltyIsOffByTheInverseOfItsMultiplier() {
    Ridge ridge = Ridge.ofPenalties(7);
    double[] start = {-2, -2};
    double[] best = ridge.solution(start);
    double[] errors = new double[3];
    int[] iterations = {90, 190, 390};
    for (int i = 0; i < 3; i++) {
      AlgorithmSettings settings =
          Algorithm.F2SA
              .defaults(iterations[i], BOUNDS, 1)
              .inner(10, 1)
              .sampling(Sampling.all())
              .steps(gradient(1 / ridge.upperCurvature(best), 0));
      AlgorithmResult result = run(ridge, Algorithm.F2SA, at(ridge, start), settings);
      errors[i] = error(result.state().lambda(), best);
    }
    assertTrue(errors[0] < 2e-3, "multiplier 100: " + errors[0]);
    assertEquals(errors[0] / 2, errors[1], 0.1 * errors[0], "multiplier 200");
    assertEquals(errors[1] / 2, errors[2], 0.1 * errors[1], "multiplier 400");
  }

  @Test
  void barrierIsOffByTheStepsOfLambda() {
    Ridge ridge = Ridge.ofPenalties(7);
    double[] start = {-2, -2};
    double[] best = ridge.solution(start);
    double curvature = ridge.upperCurvature(best);
    double[] errors = new double[2];
    double[] lengths = {0.3, 0.1};
    for (int i = 0; i < 2; i++) {
      AlgorithmSettings settings =
          Algorithm.BOME
              .defaults((int) (80 / lengths[i]), BOUNDS, 1)
              .inner(10, 1)
              .steps(gradient(lengths[i] / curvature, 0));
      AlgorithmResult result = run(ridge, Algorithm.BOME, at(ridge, start), settings);
      errors[i] = error(result.state().lambda(), best);
    }
    assertTrue(errors[0] < 0.05, "0.3: " + errors[0]);
    assertTrue(errors[1] < 0.6 * errors[0], "0.1: " + errors[1]);
  }

  /** 16 rows whose features are orthogonal: H = (1 + c) I. */
  private static Ridge orthogonal() {
    Random random = new Random(3);
    double[][] x = new double[16][];
    double[] labels = new double[16];
    long[] ids = new long[16];
    for (int i = 0; i < 16; i++) {
      int row = i;
      x[i] = new double[3];
      Arrays.setAll(x[i], j -> (row >> j) % 2 == 0 ? 1 : -1);
      labels[i] = x[i][0] - 0.5 * x[i][1] + 3 * random.nextGaussian();
      ids[i] = i;
    }
    Rows train = new Rows(x, labels, null, null, ids, labels);
    double[] clean = new double[16];
    Arrays.setAll(clean, i -> x[i][0] - 0.5 * x[i][1] + random.nextGaussian());
    Rows upper = new Rows(x, clean, null, null, ids, clean);
    LinearModel model = new LinearModel(new SquaredLoss(), 3, false);
    PartitionData partition =
        new PartitionData(
            new Block[] {TestProblems.block(train, 3, 0, 16, Storage.DENSE_64)},
            new Block[] {TestProblems.block(upper, 3, 0, 16, Storage.DENSE_64)},
            new Block[0],
            new Block[0]);
    Data data = new Data(model, List.of(partition), train, upper, null, null);
    return new Ridge(data, UpperVariable.NONE, Penalty.tuned(model, false));
  }

  @Test
  void oneStepIsRightWhereTheHessianIsAMultipleOfTheIdentity() {
    Ridge ridge = orthogonal();
    double[] start = {0};
    double[] best = ridge.solution(start);
    assertTrue(Math.abs(best[0]) > 0.1 && Math.abs(best[0]) < 3, "λ* = " + best[0]);
    AlgorithmSettings settings =
        Algorithm.ONE_STEP
            .defaults(300, BOUNDS, 1)
            .steps(gradient(0.5 / ridge.upperCurvature(best), 0));
    AlgorithmResult result = run(ridge, Algorithm.ONE_STEP, at(ridge, start), settings);
    assertArrayEquals(best, result.state().lambda(), 1e-6);
  }

  @Test
  void oneStepEndsWhereItsOwnDirectionIsZero() {
    Ridge ridge = Ridge.ofPenalties(7);
    double[] start = {-2, -2};
    double[] best = ridge.solution(start);
    AlgorithmSettings settings =
        Algorithm.ONE_STEP
            .defaults(2000, BOUNDS, 1)
            .steps(gradient(1 / ridge.upperCurvature(best), 0));
    AlgorithmState state = run(ridge, Algorithm.ONE_STEP, at(ridge, start), settings).state();
    double[] own = ridge.hypergradient(state.theta(), state.adjoint(), state.lambda());
    assertArrayEquals(new double[2], own, 1e-8);
    assertTrue(error(state.lambda(), best) > 0.1, "the bias that its Javadoc tells of");
  }

  /** From the solved inner problems one iteration moves λ by the hypergradient. */
  @ParameterizedTest
  @EnumSource(
      value = Algorithm.class,
      mode = Mode.EXCLUDE,
      names = {"ONE_STEP", "BOME", "F2SA"})
  void firstStepOfGroupWeightsIsTheHypergradient(Algorithm algorithm) {
    Ridge ridge = Ridge.ofGroupWeights(7);
    double[] lambda = {0.5, -1, 0.2};
    double[] theta = ridge.theta(lambda);
    double[] u = ridge.adjoint(theta, lambda);
    AlgorithmState start = new AlgorithmState(theta, u, lambda, List.of());
    AlgorithmSettings settings =
        algorithm
            .defaults(1, BOUNDS, 1)
            .inner(200, 200)
            .sampling(Sampling.all())
            .steps(gradient(0.1, 0));
    AlgorithmResult result = run(ridge, algorithm, start, settings);
    double[] moved = Vectors.plus(lambda, -1, result.state().lambda());
    double[] expected = ridge.hypergradient(lambda);
    assertTrue(DenseReference.maxAbs(expected) > 1e-4);
    assertTrue(DenseReference.distance(Vectors.scaled(10, moved), expected) < 1e-8);
  }

  @ParameterizedTest
  @ValueSource(strings = {"f2sa", "bome"})
  void firstOrderStepsOfGroupWeightsPointAlongTheHypergradient(String name) {
    Ridge ridge = Ridge.ofGroupWeights(7);
    double[] lambda = {0.5, -1, 0.2};
    Algorithm algorithm = (Algorithm) NamedAlgorithm.of(name);
    // Tiny steps, so that λ stands still; the last one has the inner problems settled.
    AlgorithmSettings settings =
        algorithm
            .defaults(400, BOUNDS, 1)
            .inner(20, 1)
            .sampling(Sampling.all())
            .steps(gradient(1e-6, 0));
    List<double[]> course = new ArrayList<>();
    try (BlockOracle oracle =
        new BlockOracle(ridge.problem, ridge.data.engine(), "auto", ridge.rows())) {
      algorithm
          .create()
          .run(oracle, at(ridge, lambda), settings, at -> course.add(at.state().lambda()));
    }
    double[] moved = Vectors.plus(course.get(398), -1, course.get(399));
    double[] h = ridge.hypergradient(lambda);
    double cosine = Vectors.dot(moved, h) / (Vectors.norm(moved) * Vectors.norm(h));
    assertTrue(cosine > 0.95, "cosine " + cosine);
  }

  @Test
  void unrolledIsTheDerivativeOfItsSteps() {
    Ridge ridge = Ridge.ofPenalties(7);
    double[] lambda = {-1, 0.5};
    double[] theta = TestProblems.vector(5, ridge.problem.model().size(), 1);
    AlgorithmState start = AlgorithmState.start(ridge.problem, theta, lambda);
    AlgorithmSettings settings =
        Algorithm.UNROLLED.defaults(1, BOUNDS, 1).inner(3, 1).steps(gradient(1, 0));
    double[] moved =
        Vectors.plus(lambda, -1, run(ridge, Algorithm.UNROLLED, start, settings).state().lambda());
    StepSizes sizes;
    try (BlockOracle oracle =
        new BlockOracle(ridge.problem, ridge.data.engine(), "auto", ridge.rows())) {
      var probe = StepSizes.probe(oracle, start, false);
      sizes = StepSizes.measure(ridge.problem, probe, settings, 0, 1);
      probe.release();
    }
    double[] metric = sizes.metric(lambda);
    for (int j = 0; j < 2; j++) {
      double[] e = new double[2];
      e[j] = 1e-5;
      double above = ridge.afterSteps(theta, Vectors.plus(lambda, 1, e), metric, 3);
      double below = ridge.afterSteps(theta, Vectors.plus(lambda, -1, e), metric, 3);
      assertEquals((above - below) / 2e-5, moved[j], 1e-8);
    }
  }

  @Test
  void listenerEndsARunAndNumbersThatAreNotFiniteDoToo() {
    Ridge ridge = Ridge.ofPenalties(7);
    AlgorithmSettings settings = Algorithm.SOBA.defaults(50, BOUNDS, 1).sampling(Sampling.all());
    List<Iterate> told = new ArrayList<>();
    try (BlockOracle oracle =
        new BlockOracle(ridge.problem, ridge.data.engine(), "auto", ridge.rows())) {
      AlgorithmResult result =
          Algorithm.SOBA
              .create()
              .run(
                  oracle,
                  at(ridge, 0, 0),
                  settings,
                  iterate -> told.add(iterate) && iterate.iteration() < 7);
      assertEquals(Status.CONVERGED, result.status());
      assertEquals(7, result.iterations());
      assertEquals(told.get(6).state(), result.state());
      assertEquals(told.get(6).total(), result.cost());
    }
    AlgorithmSettings wild =
        settings.iterations(2000).steps(new Steps(1e4, 1e4, 0, gradient(1, 0).upper()));
    AlgorithmResult lost = run(ridge, Algorithm.SOBA, at(ridge, 0, 0), wild);
    assertEquals(Status.NOT_FINITE, lost.status());
    assertTrue(lost.state().isFinite());
    assertTrue(lost.iterations() < 2000);
  }

  @ParameterizedTest
  @EnumSource(Algorithm.class)
  void defaultsLowerTheObjectiveFromAnywhere(Algorithm algorithm) {
    Ridge ridge = Ridge.ofPenalties(7);
    double least = ridge.value(ridge.solution(new double[] {-2, -2}));
    for (double from : new double[] {-6, 4}) {
      double[] start = {from, from};
      AlgorithmSettings settings = algorithm.defaults(300, BOUNDS, 1).sampling(Sampling.all());
      AlgorithmResult result = run(ridge, algorithm, at(ridge, start), settings);
      double before = ridge.value(start) - least;
      double after = ridge.value(result.state().lambda()) - least;
      // The barrier takes its time where Φ is flat.
      double share = algorithm == Algorithm.BOME ? 0.5 : 0.3;
      assertTrue(after < share * before, from + ": " + before + " to " + after);
    }
  }

  /** M ≽ H wherever θ and the weights go. */
  @Test
  void stepsAreSafeForSoftmax() {
    Data data = TestProblems.of(new SoftmaxLoss(4)).make();
    BilevelProblem problem =
        new BilevelProblem(
            data.model(),
            WeightFunction.ofGroups(3),
            Penalty.tuned(data.model(), Penalty.Sharing.PER_FEATURE, false));
    double[] lambda = {-3, -3, -3, -8, 5, 0, -8};
    StepSizes sizes;
    try (BlockOracle oracle =
        new BlockOracle(problem, data.engine(), "auto", data.train().count())) {
      AlgorithmState start = AlgorithmState.start(problem, new double[data.model().size()], lambda);
      AlgorithmSettings settings = Algorithm.SOBA.defaults(1, BOUNDS, 1);
      var probe = StepSizes.probe(oracle, start, false);
      sizes = StepSizes.measure(problem, probe, settings, 0, 1);
      probe.release();
    }
    double[] strengths = problem.penaltyDiagonal(lambda);
    double[] metric = sizes.metric(lambda);
    double[] ones = data.train().weights();
    DenseReference reference = new DenseReference(data.model(), data.train());
    double closest = 0;
    for (int seed = 0; seed < 40; seed++) {
      double[] theta = TestProblems.vector(seed, metric.length, 0.1 + seed % 4);
      double[][] h = reference.hessian(theta, ones, strengths);
      double[] x = TestProblems.vector(100 + seed, metric.length, 1);
      for (int i = 0; i < 30; i++) {
        // The power method on M⁻¹H.
        x = StepSizes.divided(DenseReference.times(h, x), metric);
        x = Vectors.scaled(1 / Vectors.norm(x), x);
      }
      double[] image = StepSizes.divided(DenseReference.times(h, x), metric);
      closest = Math.max(closest, Vectors.norm(image));
    }
    assertTrue(closest < 1, "η < 2 is safe, 1 far from it: " + closest);
    assertTrue(closest > 0.2, "nor far too careful: " + closest);
  }
}
