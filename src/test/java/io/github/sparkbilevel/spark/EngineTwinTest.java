package io.github.sparkbilevel.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.DenseReference;
import io.github.sparkbilevel.TestProblems;
import io.github.sparkbilevel.TestProblems.Data;
import io.github.sparkbilevel.TestProblems.Storage;
import io.github.sparkbilevel.bilevel.CleaningSettings;
import io.github.sparkbilevel.bilevel.Curvature;
import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.ExampleWeights;
import io.github.sparkbilevel.problem.Penalty;
import io.github.sparkbilevel.problem.UpperRows;
import io.github.sparkbilevel.problem.WeightFunction;
import io.github.sparkbilevel.problem.fit.FitRows;
import io.github.sparkbilevel.problem.fit.Judge;
import io.github.sparkbilevel.problem.fit.PlainFits;
import io.github.sparkbilevel.problem.fit.Ridge;
import io.github.sparkbilevel.problem.oracle.BilevelOracle.MixedProduct;
import io.github.sparkbilevel.problem.oracle.BilevelOracle.Query;
import io.github.sparkbilevel.problem.oracle.BlockOracle;
import io.github.sparkbilevel.problem.oracle.Evaluation;
import io.github.sparkbilevel.problem.oracle.Extra;
import io.github.sparkbilevel.problem.oracle.RowStep;
import io.github.sparkbilevel.problem.pass.LocalEngine;
import io.github.sparkbilevel.problem.pass.PassEngine;
import io.github.sparkbilevel.problem.sampling.Folds;
import io.github.sparkbilevel.spark.CleaningRuns.Upper;
import io.github.sparkbilevel.spark.rows.PartitionedData;
import io.github.sparkbilevel.spark.score.RowHypergradient;
import io.github.sparkbilevel.spark.score.RowInfluence;
import io.github.sparkbilevel.spark.score.RowScore;
import io.github.sparkbilevel.spark.score.RowScorer;
import io.github.sparkbilevel.spark.transfer.OrderedSum;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The same partitions in memory and on Spark. */
class EngineTwinTest {
  private static final int ITERATIONS = 6;

  private final JavaSparkContext context = TestSpark.context();

  private interface Numbers {
    List<double[]> of(PassEngine engine);
  }

  private void assertSameBits(List<PartitionData> partitions, Numbers numbers) {
    List<double[]> local = numbers.of(new LocalEngine(partitions));
    try (PartitionedData data = CleaningRuns.asTheyAre(context, partitions);
        SparkEngine engine = new SparkEngine(context, data, 10)) {
      List<double[]> distributed = numbers.of(engine);
      assertEquals(local.size(), distributed.size());
      for (int i = 0; i < local.size(); i++) {
        assertArrayEquals(local.get(i), distributed.get(i), "numbers " + i);
      }
    }
  }

  private static void add(List<double[]> numbers, Evaluation evaluation) {
    numbers.add(
        new double[] {
          evaluation.value(),
          evaluation.upper().loss(),
          evaluation.heldOut().loss(),
          evaluation.test().accuracy(),
          evaluation.rowGradient().norm()
        });
    numbers.add(evaluation.gradient());
    numbers.add(evaluation.upperGradient());
    if (evaluation.adjointProduct() != null) {
      numbers.add(evaluation.adjointProduct());
    }
  }

  private static void add(List<double[]> numbers, MixedProduct mixed) {
    numbers.add(mixed.values());
    numbers.add(new double[] {mixed.lowerObjective(), mixed.rows().norm()});
  }

  @ParameterizedTest
  @EnumSource(Storage.class)
  void oracleOfExampleWeightsGivesTheSameBits(Storage storage) {
    Data data =
        TestProblems.of(CleaningRuns.data().model().loss()).storage(storage).partitions(4).make();
    int d = data.model().size();
    double[] theta = TestProblems.vector(1, d, 1);
    double[] u = TestProblems.vector(2, d, 1);
    BilevelProblem problem =
        new BilevelProblem(
            data.model(), new ExampleWeights(0.5), Penalty.tuned(data.model(), false));
    assertSameBits(
        data.partitions(),
        engine -> {
          BlockOracle oracle = new BlockOracle(problem, engine, "auto", data.train().count());
          List<double[]> numbers = new ArrayList<>();
          double[] lambda = {-3};
          Evaluation start = oracle.evaluate(Query.at(theta, lambda).with(Extra.HESSIAN));
          add(numbers, start);
          numbers.add(start.denseHessian());
          numbers.addAll(List.of(start.hessian(0.1).applyAll(new double[][] {u, theta})));
          add(numbers, oracle.mixedProduct(start, theta, u));
          RowStep step = new RowStep(0.7, 0.01, 1, -2, 2);
          Evaluation next =
              oracle.evaluate(
                  Query.at(u, lambda).along(theta).from(start, step).with(Extra.KRONECKER));
          start.release();
          add(numbers, next);
          numbers.add(new double[] {next.lowerObjectiveAt(lambda)});
          numbers.add(next.factors().get(0).inputs());
          numbers.add(next.factors().get(0).outputs());
          next.release();
          oracle.close();
          return numbers;
        });
  }

  @Test
  void oracleOfTheWeightFunctionGivesTheSameBits() {
    Data data = CleaningRuns.data();
    int d = data.model().size();
    double[] theta = TestProblems.vector(1, d, 1);
    double[] u = TestProblems.vector(2, d, 1);
    double[] trusted = TestProblems.vector(3, 3 * d, 1);
    BilevelProblem problem =
        new BilevelProblem(
            data.model(),
            new WeightFunction(WeightFunction.ALL_SCORES, 3),
            Penalty.fixed(data.model(), 0.1, false));
    assertSameBits(
        data.partitions(),
        engine -> {
          BlockOracle oracle = new BlockOracle(problem, engine, "auto", data.train().count());
          oracle.makeFeatures(trusted, 2, theta);
          double[] lambda = TestProblems.vector(4, problem.sharedSize(), 1);
          List<double[]> numbers = new ArrayList<>();
          Evaluation start = oracle.evaluate(Query.at(theta, lambda));
          add(numbers, start);
          add(numbers, oracle.mixedProduct(start, theta, u));
          add(numbers, oracle.mixedProduct(start, theta, u, OptionalInt.of(1)));
          Evaluation next =
              oracle.evaluate(Query.at(theta, lambda).along(u).over(new UpperRows(1)));
          add(numbers, next);
          next.release();
          start.release();
          oracle.close();
          return numbers;
        });
  }

  @Test
  void plainFitsGiveTheSameBits() {
    Data data = CleaningRuns.data();
    BlockKernel kernel = BlockKernel.of(data.model(), "auto");
    Folds folds = new Folds(2, 5, 6);
    List<FitRows> fits =
        List.of(
            new FitRows.Noisy(),
            new FitRows.Trusted(null),
            new FitRows.Trusted(0),
            new FitRows.WithoutFold(folds, 0),
            new FitRows.WithoutFold(folds, 1),
            new FitRows.Upper());
    double[] theta = TestProblems.vector(1, fits.size() * data.model().size(), 1);
    double[] v = TestProblems.vector(2, theta.length, 1);
    assertSameBits(
        data.partitions(),
        engine -> {
          Ridge penalty = Ridge.of(data.model(), 0.1);
          try (PlainFits objective = new PlainFits(kernel, engine, penalty, fits, List.of())) {
            PlainFits.Fitted fitted = objective.at(theta, Extra.KRONECKER);
            List<double[]> numbers = new ArrayList<>();
            numbers.add(objective.totals());
            numbers.add(fitted.gradient());
            numbers.add(new double[] {fitted.value()});
            numbers.add(fitted.factors().get(0).inputs());
            numbers.add(fitted.hessian(0.1).applyAll(new double[][] {v})[0]);
            fitted.release();
            return numbers;
          }
        });
  }

  @ParameterizedTest
  @EnumSource(Upper.class)
  void wholeRunGivesTheSameBits(Upper upper) {
    Data data = CleaningRuns.data();
    for (Curvature curvature : new Curvature[] {Curvature.KFAC_CG, Curvature.EXACT}) {
      boolean baselines = curvature == Curvature.KFAC_CG && !upper.name().endsWith("L2");
      CleaningSettings settings =
          CleaningRuns.settings(data, upper, curvature, baselines, ITERATIONS);
      int n = data.train().count();
      Map<String, double[]> local =
          CleaningRuns.run(data.engine(), settings, n, CleaningRuns.SILENT);
      try (PartitionedData twin = CleaningRuns.asTheyAre(context, data.partitions())) {
        Map<String, double[]> distributed =
            CleaningRuns.onSpark(context, twin, 3, settings, n, CleaningRuns.SILENT);
        CleaningRuns.assertSameBits(local, distributed);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Upper.class,
      names = {
        "EXAMPLE_WEIGHTS",
        "EXAMPLE_WEIGHTS_AND_L2",
        "GROUP_WEIGHTS",
        "GROUP_WEIGHTS_AND_L2"
      })
  void numberOfPartitionsDoesNotMatter(Upper upper) {
    Data data = CleaningRuns.data();
    Curvature curvature = upper.name().endsWith("L2") ? Curvature.EXACT : Curvature.CG;
    CleaningSettings settings = CleaningRuns.settings(data, upper, curvature, false, ITERATIONS);
    int n = data.train().count();
    Map<String, double[]> first = null;
    for (int partitions : new int[] {1, 2, 5}) {
      try (PartitionedData rows = CleaningRuns.partitioned(context, data, partitions)) {
        assertEquals(partitions, rows.rdd().getNumPartitions());
        Map<String, double[]> numbers =
            CleaningRuns.onSpark(context, rows, 10, settings, n, CleaningRuns.SILENT);
        if (first == null) {
          first = numbers;
        }
        CleaningRuns.assertAgree(first, numbers);
        Map<String, double[]> local =
            CleaningRuns.run(
                new LocalEngine(rows.rdd().collect()), settings, n, CleaningRuns.SILENT);
        CleaningRuns.assertSameBits(local, numbers);
      }
    }
  }

  @Test
  void everyRunGivesTheSameBitsAlsoFromTheInputOn() {
    Data data = CleaningRuns.data();
    CleaningSettings settings =
        CleaningRuns.settings(data, Upper.EXAMPLE_WEIGHTS, Curvature.CG, true, ITERATIONS);
    Map<String, double[]> first = null;
    for (int run = 0; run < 2; run++) {
      try (PartitionedData rows = CleaningRuns.partitioned(context, data, 5)) {
        Map<String, double[]> numbers =
            CleaningRuns.onSpark(
                context, rows, 10, settings, data.train().count(), CleaningRuns.SILENT);
        if (first == null) {
          first = numbers;
        }
        CleaningRuns.assertSameBits(first, numbers);
      }
    }
  }

  @Test
  void manyTinyPartitionsGiveTheSameResult() {
    Data data = CleaningRuns.data();
    CleaningSettings settings =
        CleaningRuns.settings(data, Upper.EXAMPLE_WEIGHTS, Curvature.EXACT, false, 3);
    int n = data.train().count();
    try (PartitionedData one = CleaningRuns.partitioned(context, data, 1);
        PartitionedData many = CleaningRuns.partitioned(context, data, 70)) {
      assertTrue(many.rdd().getNumPartitions() > OrderedSum.MOST_ON_DRIVER);
      CleaningRuns.assertAgree(
          CleaningRuns.onSpark(context, one, 10, settings, n, CleaningRuns.SILENT),
          CleaningRuns.onSpark(context, many, 10, settings, n, CleaningRuns.SILENT));
    }
  }

  @Test
  void passesOfBothEnginesAreBookedAlike() {
    Data data = CleaningRuns.data();
    CleaningSettings settings =
        CleaningRuns.settings(data, Upper.WEIGHT_FUNCTION, Curvature.CG, true, 3);
    LocalEngine local = data.engine();
    CleaningRuns.run(local, settings, data.train().count(), CleaningRuns.SILENT);
    try (PartitionedData twin = CleaningRuns.asTheyAre(context, data.partitions());
        SparkEngine engine = new SparkEngine(context, twin, 10)) {
      CleaningRuns.run(engine, settings, data.train().count(), CleaningRuns.SILENT);
      assertEquals(local.ledger().passes(), engine.ledger().passes());
      for (int i = 0; i < local.ledger().passes(); i++) {
        var expected = local.ledger().entries().get(i);
        var actual = engine.ledger().entries().get(i);
        assertEquals(expected.phase(), actual.phase());
        assertEquals(expected.name(), actual.name());
        assertEquals(expected.kernels(), actual.kernels());
        assertEquals(expected.bytesOut(), actual.bytesOut());
        assertEquals(expected.bytesBack(), actual.bytesBack());
      }
      assertNull(context.getLocalProperty("spark.job.description"));
    }
  }

  /** Ids of the training rows of a partition. */
  private record Ids() implements SparkEngine.RowFunction<Double, Long> {
    @Override
    public Iterator<Long> rows(PartitionData partition, Double state) {
      assertNull(state);
      List<Long> ids = new ArrayList<>();
      for (Block block : partition.train()) {
        for (long id : block.ids()) {
          ids.add(id);
        }
      }
      return ids.iterator();
    }
  }

  @Test
  void rowsWithoutAGenerationComeFromTheDataAlone() {
    Data data = CleaningRuns.data();
    try (PartitionedData rows = CleaningRuns.asTheyAre(context, data.partitions());
        SparkEngine engine = new SparkEngine(context, rows, 10)) {
      List<Long> ids = engine.rows(null, new Ids()).collect();
      assertArrayEquals(data.train().ids(), ids.stream().mapToLong(Long::longValue).toArray());
      assertEquals(0, engine.ledger().passes());
    }
  }

  @Test
  void rowHypergradientIsThatOfTheFormula() {
    Data data = CleaningRuns.data();
    int n = data.train().count();
    int d = data.model().size();
    double[] theta = TestProblems.vector(1, d, 1);
    double[] u = TestProblems.vector(2, d, 1);
    double[] w = TestProblems.vector(3, d, 1);
    double lambda = 0.7;
    BilevelProblem problem =
        new BilevelProblem(
            data.model(), new ExampleWeights(lambda), Penalty.fixed(data.model(), 0.1, false));
    DenseReference reference = new DenseReference(data.model(), data.train());
    try (PartitionedData rows = CleaningRuns.partitioned(context, data, 3);
        SparkEngine engine = new SparkEngine(context, rows, 10);
        BlockOracle oracle = new BlockOracle(problem, engine, "auto", n)) {
      Evaluation at = oracle.evaluate(Query.at(theta, new double[0]));
      Broadcast<double[][]> point = context.broadcast(new double[][] {theta, u, w});
      BlockKernel kernel = BlockKernel.of(data.model(), "auto");
      Map<Long, double[]> entries = new TreeMap<>();
      engine
          .rows(
              oracle.states(at),
              new RowHypergradient(kernel, oracle.weighing(at.lambda()), point, n))
          .collect()
          .forEach(entry -> entries.put(entry.id(), entry.values()));
      assertEquals(n, entries.size());
      Broadcast<List<Judge>> noJudge = context.broadcast(List.of());
      Broadcast<RowInfluence> influence =
          context.broadcast(new RowInfluence(oracle.weighing(at.lambda()), theta, u, n));
      RowScorer scorer =
          new RowScorer(
              kernel, noJudge, RowScorer.Weight.LEARNED, influence, RowScorer.Labels.SUGGESTED);
      Map<Long, RowScore> scores = new TreeMap<>();
      RowScorer.rows(engine.rows(oracle.states(at), scorer))
          .collect()
          .forEach(score -> scores.put(score.id(), score));
      double squares = 0;
      double s = 1 / (1 + Math.exp(-lambda));
      for (int i = 0; i < n; i++) {
        double factor = -data.train().weights()[i] * s * (1 - s) / n;
        double[] values = entries.get(data.train().ids()[i]);
        assertEquals(factor * reference.directional(theta, u, i), values[0], 1e-15);
        assertEquals(factor * reference.directional(theta, w, i), values[1], 1e-15);
        // λ_i moves Φ through s_i alone.
        RowScore score = scores.get(data.train().ids()[i]);
        assertEquals(s, score.weight(), 1e-15);
        assertEquals(values[0], score.influence() * s * (1 - s), 1e-15);
        squares += values[0] * values[0];
      }
      double norm = oracle.mixedProduct(at, theta, u).rows().norm();
      assertEquals(Math.sqrt(squares), norm, 1e-13 * norm);
      at.release();
    }
  }
}
