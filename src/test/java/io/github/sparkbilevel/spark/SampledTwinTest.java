package io.github.sparkbilevel.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.sparkbilevel.TestProblems;
import io.github.sparkbilevel.TestProblems.Data;
import io.github.sparkbilevel.bilevel.algorithm.AlgorithmResult;
import io.github.sparkbilevel.bilevel.algorithm.AlgorithmSettings;
import io.github.sparkbilevel.bilevel.algorithm.AlgorithmSettings.Bounds;
import io.github.sparkbilevel.bilevel.algorithm.AlgorithmSettings.Sampling;
import io.github.sparkbilevel.bilevel.algorithm.AlgorithmState;
import io.github.sparkbilevel.bilevel.algorithm.NamedAlgorithm;
import io.github.sparkbilevel.model.SoftmaxLoss;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.Penalty;
import io.github.sparkbilevel.problem.WeightFunction;
import io.github.sparkbilevel.problem.oracle.BlockOracle;
import io.github.sparkbilevel.problem.pass.LocalEngine;
import io.github.sparkbilevel.problem.pass.PassEngine;
import io.github.sparkbilevel.spark.rows.PartitionedData;
import java.util.Arrays;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sampled passes and the algorithms on them, in memory and on Spark: the same bits and costs. */
class SampledTwinTest {
  private final JavaSparkContext context = TestSpark.context();

  private static AlgorithmResult run(
      PassEngine engine, Data data, NamedAlgorithm algorithm, AlgorithmSettings settings) {
    BilevelProblem problem =
        new BilevelProblem(
            data.model(),
            new WeightFunction(WeightFunction.ALL_SCORES, 3),
            Penalty.tuned(data.model(), Penalty.Sharing.PER_FEATURE, false));
    int d = data.model().size();
    double[] lambda = new double[problem.sharedSize()];
    Arrays.fill(lambda, -0.5);
    try (BlockOracle oracle = new BlockOracle(problem, engine, "auto", data.train().count())) {
      oracle.makeFeatures(TestProblems.vector(3, 2 * d, 1), 1, TestProblems.vector(4, d, 0.5));
      AlgorithmState start = AlgorithmState.start(problem, TestProblems.vector(1, d, 0.5), lambda);
      return algorithm.create().run(oracle, start, settings, iterate -> true);
    }
  }

  /** Algorithms that between them run every kind of pass. */
  @ParameterizedTest
  @CsvSource({
    "nbo-gd, 1",
    "unrolled, 1",
    "f2sa, 1",
    "f2sa, 3",
    "nsbo-sgd, 1",
    "ma-soba, 3",
    "saba, 1",
    "nsbo-saga, 1"
  })
  void algorithmsGiveTheSameBits(String name, int localSteps) {
    Data data = TestProblems.of(new SoftmaxLoss(3)).partitions(4).make();
    NamedAlgorithm algorithm = NamedAlgorithm.of(name);
    AlgorithmSettings settings =
        algorithm
            .defaults(3, Bounds.of(-8, 8), 5)
            .inner(2, 1)
            .sampling(algorithm.isStochastic() ? new Sampling(0.3, localSteps, 5) : Sampling.all());
    AlgorithmResult expected = run(new LocalEngine(data.partitions()), data, algorithm, settings);
    try (PartitionedData twin = CleaningRuns.asTheyAre(context, data.partitions());
        SparkEngine engine = new SparkEngine(context, twin, 2)) {
      AlgorithmResult got = run(engine, data, algorithm, settings);
      assertArrayEquals(expected.state().theta(), got.state().theta());
      assertArrayEquals(expected.state().adjoint(), got.state().adjoint());
      assertArrayEquals(expected.state().lambda(), got.state().lambda());
      assertEquals(expected.cost(), got.cost());
      assertEquals(1, context.getPersistentRDDs().size(), "what is left is the data");
    }
  }
}
