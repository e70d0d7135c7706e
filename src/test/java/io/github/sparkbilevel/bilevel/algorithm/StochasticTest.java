package io.github.sparkbilevel.bilevel.algorithm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.DenseReference;
import io.github.sparkbilevel.WatchedEngine;
import io.github.sparkbilevel.bilevel.algorithm.AlgorithmSettings.Bounds;
import io.github.sparkbilevel.bilevel.algorithm.AlgorithmSettings.Sampling;
import io.github.sparkbilevel.bilevel.algorithm.AlgorithmSettings.Steps;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.problem.oracle.BlockOracle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.ValueSource;

/** The algorithms on samples of 6 of 24 rows: how near they come, and what an iteration reads. */
class StochasticTest {
  private static final Bounds BOUNDS = Bounds.of(-12, 8);
  private static final double[] START = {-2, -2};
  private static final double SHARE = 0.25;

  private final Ridge ridge = Ridge.ofPenalties(7);
  private final double[] best = ridge.solution(START);

  private AlgorithmResult run(
      Algorithm algorithm, AlgorithmSettings settings, Predicate<Iterate> listener) {
    WatchedEngine engine = new WatchedEngine(ridge.data.engine());
    AlgorithmResult result;
    try (BlockOracle oracle = new BlockOracle(ridge.problem, engine, "auto", ridge.rows())) {
      AlgorithmState start = AlgorithmState.start(ridge.problem, ridge.theta(START), START);
      result = algorithm.create().run(oracle, start, settings, listener);
    }
    assertEquals(0, engine.held(), "generations are left");
    assertTrue(engine.mostHeld() <= 2);
    return result;
  }

  private double error(Algorithm algorithm, AlgorithmSettings settings) {
    double[] lambda = run(algorithm, settings, iterate -> true).state().lambda();
    return DenseReference.maxAbs(Vectors.plus(lambda, -1, best));
  }

  /** Steps of λ of 1/tr(∇²Φ) at first, which shrink by 0.6 where the others do by 0.4, or none. */
  private AlgorithmSettings settings(
      Algorithm algorithm, int iterations, double length, boolean shrinking, long seed) {
    AlgorithmSettings defaults = algorithm.defaults(iterations, BOUNDS, seed);
    double gamma = length / ridge.upperCurvature(best);
    UpperRule rule = new UpperRule(UpperRule.Kind.GRADIENT, gamma, shrinking ? 0.6 : 0);
    double linear = defaults.steps().linear();
    return defaults
        .sampling(new Sampling(SHARE, 1, seed))
        .steps(new Steps(linear, linear, shrinking ? 0.4 : 0, rule));
  }

  private double meanError(Algorithm algorithm, int iterations, double length, boolean shrinking) {
    double sum = 0;
    for (long seed = 1; seed <= 2; seed++) {
      AlgorithmSettings settings = settings(algorithm, iterations, length, shrinking, seed);
      sum += error(algorithm, isOneLoop(algorithm) ? settings : settings.inner(5, 5)) / 2;
    }
    return sum;
  }

  private static boolean isOneLoop(Algorithm algorithm) {
    return algorithm.defaults(1, BOUNDS, 1).inner().lowerSteps() == 1;
  }

  @ParameterizedTest
  @CsvSource({
    "soba, 1, 0.04",
    "ma-soba, 1, 0.06",
    "nsbo-sgd, 1, 0.2",
    "amigo, 1, 0.08",
    "stocbio, 1, 0.25",
    "f2sa, 1, 0.08"
  })
  void shrinkingStepsComeNearAndOthersStayInTheNoise(String name, double length, double bound) {
    Algorithm algorithm = (Algorithm) NamedAlgorithm.of(name);
    int most = isOneLoop(algorithm) ? 1500 : 700;
    double early = meanError(algorithm, 40, length, true);
    double late = meanError(algorithm, most, length, true);
    double noise = meanError(algorithm, most / 3, 0.1, false);
    assertTrue(late < bound, "after " + most + ": " + late);
    assertTrue(late < 0.6 * early, "after 40: " + early + ", after " + most + ": " + late);
    assertTrue(noise > 2 * late, "steps that do not shrink: " + noise + " against " + late);
  }

  @ParameterizedTest
  @ValueSource(strings = {"saba", "nsbo-saga"})
  void memoryReachesTheSolutionWithStepsThatDoNotShrink(String name) {
    Algorithm algorithm = (Algorithm) NamedAlgorithm.of(name);
    for (long seed = 1; seed <= 3; seed++) {
      AlgorithmSettings settings = settings(algorithm, 800, 0.1, false, seed);
      assertTrue(error(algorithm, settings) < 1e-6, "seed " + seed);
    }
  }

  @ParameterizedTest
  @EnumSource(Algorithm.class)
  void defaultsComeNearOnSamples(Algorithm algorithm) {
    if (!algorithm.isStochastic()) {
      assertEquals(1, algorithm.defaults(1, BOUNDS, 1).sampling().share());
      return;
    }
    double least = ridge.value(best);
    double before = ridge.value(START) - least;
    double mean = 0;
    for (int seed = 1; seed <= 3; seed++) {
      AlgorithmSettings settings =
          algorithm
              .defaults(isOneLoop(algorithm) ? 600 : 120, BOUNDS, seed)
              .sampling(new Sampling(SHARE, 1, seed));
      AlgorithmResult result = run(algorithm, settings, iterate -> true);
      mean += (ridge.value(result.state().lambda()) - least) / before / 3;
    }
    assertTrue(mean < 0.5, "left of the distance in Φ: " + mean);
  }

  @Test
  void epochOfIterationsReadsAllRowsOnce() {
    List<CountedCost> costs = new ArrayList<>();
    AlgorithmSettings settings = settings(Algorithm.SOBA, 8, 0.1, true, 1);
    AlgorithmResult result = run(Algorithm.SOBA, settings, iterate -> costs.add(iterate.cost()));
    for (CountedCost cost : costs) {
      assertEquals(1, cost.passes());
      assertEquals(2, cost.gradients());
      assertEquals(1, cost.products());
      assertEquals((24 + 40) / 4, cost.rows());
    }
    assertEquals(new CountedCost(8, 16, 8, 2 * (24 + 40)), result.cost());
  }

  @Test
  void passOfLocalStepsCostsAllTheirWork() {
    List<CountedCost> costs = new ArrayList<>();
    AlgorithmSettings settings =
        settings(Algorithm.NSBO_SGD, 5, 0.1, true, 1)
            .inner(1, 2)
            .sampling(new Sampling(SHARE, 4, 1));
    run(Algorithm.NSBO_SGD, settings, iterate -> costs.add(iterate.cost()));
    // Four iterations of three draws: the gradients of one, two columns along two.
    int rows = (24 + 40) / 4 + 2 * 24 / 4;
    for (CountedCost cost : costs) {
      assertEquals(new CountedCost(1, 8, 20, 4 * rows), cost);
    }
  }

  @Test
  void localStepsComeNearInAFourthOfThePasses() {
    AlgorithmSettings settings =
        settings(Algorithm.SOBA, 1000, 1, true, 1).sampling(new Sampling(SHARE, 4, 1));
    double early = error(Algorithm.SOBA, settings.iterations(50));
    double late = error(Algorithm.SOBA, settings);
    assertTrue(late < 0.04, "after 1000 passes: " + late);
    assertTrue(late < 0.6 * early, "after 50: " + early);
  }

  @ParameterizedTest
  @EnumSource(
      value = Algorithm.class,
      mode = Mode.INCLUDE,
      names = {"F2SA", "AMIGO", "STOCBIO", "SOBA", "SABA", "MA_SOBA", "NSBO_SGD", "NSBO_SAGA"})
  void seedMakesTheRun(Algorithm algorithm) {
    boolean remembers = algorithm == Algorithm.SABA || algorithm == Algorithm.NSBO_SAGA;
    for (int local : remembers ? new int[] {1} : new int[] {1, 3}) {
      List<AlgorithmState> ends = new ArrayList<>();
      for (long seed : new long[] {1, 1, 2}) {
        AlgorithmSettings settings =
            algorithm.defaults(12, BOUNDS, seed).sampling(new Sampling(SHARE, local, seed));
        ends.add(run(algorithm, settings, iterate -> true).state());
      }
      assertArrayEquals(ends.get(0).lambda(), ends.get(1).lambda());
      assertArrayEquals(ends.get(0).theta(), ends.get(1).theta());
      assertArrayEquals(ends.get(0).adjoint(), ends.get(1).adjoint());
      assertFalse(Arrays.equals(ends.get(0).theta(), ends.get(2).theta()));
    }
  }
}
