package io.github.sparkbilevel.bilevel.algorithm;

import static io.github.sparkbilevel.bilevel.algorithm.AlgorithmsTest.BOUNDS;
import static io.github.sparkbilevel.bilevel.algorithm.AlgorithmsTest.at;
import static io.github.sparkbilevel.bilevel.algorithm.AlgorithmsTest.run;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.bilevel.algorithm.AlgorithmSettings.Sampling;
import io.github.sparkbilevel.model.Activation;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.model.Network;
import io.github.sparkbilevel.model.SoftmaxLoss;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.ExampleWeights;
import io.github.sparkbilevel.problem.Penalty;
import io.github.sparkbilevel.problem.oracle.BlockOracle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the algorithms cost, what they are called, and what they refuse. */
class AlgorithmCostsTest {

  /** T = 3 and Q = 2, 24 training and 40 trusted rows, all of them in every draw. */
  @ParameterizedTest
  @CsvSource({
    // name, then passes, gradients, products and rows: λ tunes penalties; λ weighs groups
    "nbo-gd,      3, 2, 5, 112,   4, 2, 5, 136",
    "aid-cg,      6, 5, 3, 184,   7, 5, 3, 208",
    "aid-neumann, 6, 5, 2, 184,   7, 5, 2, 208",
    "one-step,    2, 2, 0, 64,    3, 2, 1, 88",
    "unrolled,    7, 4, 3, 184,   7, 4, 3, 184",
    "bome,        3, 4, 0, 112,   4, 5, 0, 136",
    "qnbo,        6, 5, 3, 184,   7, 5, 3, 208",
    "f2sa,        6, 9, 0, 264,   8, 11, 0, 312",
    "amigo,       5, 5, 2, 200,   6, 5, 3, 224",
    "stocbio,     6, 4, 2, 160,   7, 4, 3, 184",
    "soba,        1, 2, 1, 64,    1, 2, 1, 64",
    "saba,        1, 2, 1, 64,    1, 2, 1, 64",
    "ma-soba,     1, 2, 1, 64,    1, 2, 1, 64",
    "nsbo-sgd,    3, 2, 5, 112,   4, 2, 6, 136",
    "nsbo-saga,   3, 2, 5, 112,   4, 4, 6, 176"
  })
  void costsWhatItsJavadocSays(
      String name,
      int passes,
      int gradients,
      int products,
      int rows,
      int groupPasses,
      int groupGradients,
      int groupProducts,
      int groupRows) {
    CountedCost ofPenalties = new CountedCost(passes, gradients, products, rows);
    CountedCost ofGroups = new CountedCost(groupPasses, groupGradients, groupProducts, groupRows);
    assertEquals(List.of(ofPenalties, ofPenalties), costs(Ridge.ofPenalties(7), name));
    assertEquals(List.of(ofGroups, ofGroups), costs(Ridge.ofGroupWeights(7), name));
  }

  private static List<CountedCost> costs(Ridge ridge, String name) {
    Algorithm algorithm = (Algorithm) NamedAlgorithm.of(name);
    AlgorithmSettings settings =
        algorithm.defaults(2, BOUNDS, 1).inner(3, 2).sampling(Sampling.all());
    double[] lambda = new double[ridge.problem.sharedSize()];
    Arrays.fill(lambda, -0.5);
    List<CountedCost> costs = new ArrayList<>();
    List<CountedCost> totals = new ArrayList<>();
    try (BlockOracle oracle =
        new BlockOracle(ridge.problem, ridge.data.engine(), "auto", ridge.rows())) {
      double[] theta = new double[ridge.problem.model().size()];
      AlgorithmState start = AlgorithmState.start(ridge.problem, theta, lambda);
      algorithm
          .create()
          .run(
              oracle,
              start,
              settings,
              iterate -> {
                costs.add(iterate.cost());
                totals.add(iterate.total());
                return true;
              });
    }
    assertEquals(costs.get(1), totals.get(1).minus(totals.get(0)));
    return costs;
  }

  @Test
  void namesAreFoundAndOthersRefusedWithAll() {
    for (Algorithm algorithm : Algorithm.values()) {
      assertEquals(algorithm, NamedAlgorithm.of(algorithm.label()));
    }
    var error = assertThrows(IllegalArgumentException.class, () -> NamedAlgorithm.of("sobba"));
    assertTrue(error.getMessage().contains("got the algorithm sobba"));
    assertTrue(error.getMessage().contains("soba, saba, ma-soba"));
  }

  @Test
  void whatDoesNotApplySaysSoInOneSentence() {
    LinearModel linear = new LinearModel(new SoftmaxLoss(3), 4, true);
    Network network = Network.dense(new SoftmaxLoss(3), 4, List.of(5), Activation.TANH);
    Penalty tuned = Penalty.tuned(linear, false);
    BilevelProblem ok = new BilevelProblem(linear, tuned);
    BilevelProblem rows = new BilevelProblem(linear, new ExampleWeights(0), tuned);
    BilevelProblem empty = new BilevelProblem(linear, Penalty.fixed(linear, 1, false));
    BilevelProblem deep = new BilevelProblem(network, Penalty.tuned(network, false));
    for (Algorithm algorithm : Algorithm.values()) {
      AlgorithmSettings settings = algorithm.defaults(1, BOUNDS, 1);
      BilevelAlgorithm created = algorithm.create();
      assertTrue(created.objection(ok, settings).isEmpty());
      assertTrue(
          created.objection(rows, settings).get().contains("one λ beside each row; use nbo"));
      assertTrue(created.objection(empty, settings).get().contains("nothing to tune"));
      AlgorithmSettings some = settings.sampling(new Sampling(0.1, 1, 1));
      assertEquals(algorithm.isStochastic(), created.objection(ok, some).isEmpty());
      AlgorithmSettings local = some.sampling(new Sampling(0.1, 4, 1));
      boolean remembers = algorithm == Algorithm.SABA || algorithm == Algorithm.NSBO_SAGA;
      assertEquals(algorithm.isStochastic() && !remembers, created.objection(ok, local).isEmpty());
      boolean refusesNetworks = remembers || algorithm == Algorithm.UNROLLED;
      assertEquals(refusesNetworks, created.objection(deep, settings).isPresent());
    }
    AlgorithmSettings tiny =
        Algorithm.SABA.defaults(1, BOUNDS, 1).sampling(new Sampling(1e-7, 1, 1));
    assertTrue(Algorithm.SABA.create().objection(ok, tiny).get().contains("MiB in a partition"));
    Ridge ridge = Ridge.ofPenalties(7);
    AlgorithmSettings sampled =
        Algorithm.AID_CG.defaults(1, BOUNDS, 1).sampling(new Sampling(0.5, 1, 1));
    var error =
        assertThrows(
            IllegalArgumentException.class,
            () -> run(ridge, Algorithm.AID_CG, at(ridge, 0, 0), sampled));
    assertTrue(error.getMessage().contains("a batch share of 0.5"));
  }
}
