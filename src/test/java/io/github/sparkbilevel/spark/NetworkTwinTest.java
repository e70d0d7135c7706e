package io.github.sparkbilevel.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.TestProblems;
import io.github.sparkbilevel.TestProblems.Data;
import io.github.sparkbilevel.TestProblems.Storage;
import io.github.sparkbilevel.bilevel.CleaningSettings;
import io.github.sparkbilevel.bilevel.CleaningSettings.Baseline;
import io.github.sparkbilevel.bilevel.Curvature;
import io.github.sparkbilevel.bilevel.NboSettings;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.curvature.KroneckerSettings;
import io.github.sparkbilevel.linalg.KroneckerBasis;
import io.github.sparkbilevel.linalg.KroneckerFactors;
import io.github.sparkbilevel.model.Activation;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.model.Fisher;
import io.github.sparkbilevel.model.Network;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.ExampleWeights;
import io.github.sparkbilevel.problem.Penalty;
import io.github.sparkbilevel.problem.UpperVariable;
import io.github.sparkbilevel.problem.WeightFunction;
import io.github.sparkbilevel.problem.fit.FitRows;
import io.github.sparkbilevel.problem.fit.PlainFits;
import io.github.sparkbilevel.problem.fit.Ridge;
import io.github.sparkbilevel.problem.oracle.BilevelOracle.MixedProduct;
import io.github.sparkbilevel.problem.oracle.BilevelOracle.Query;
import io.github.sparkbilevel.problem.oracle.BlockOracle;
import io.github.sparkbilevel.problem.oracle.Evaluation;
import io.github.sparkbilevel.problem.oracle.Extra;
import io.github.sparkbilevel.problem.pass.LocalEngine;
import io.github.sparkbilevel.problem.pass.PassEngine;
import io.github.sparkbilevel.problem.training.Trained;
import io.github.sparkbilevel.problem.training.Training;
import io.github.sparkbilevel.spark.rows.PartitionedData;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Networks in memory and on Spark: the same bits for the same partitions, whatever is lost. */
class NetworkTwinTest {
  private static final int PASSES = 4;

  private final JavaSparkContext context = TestSpark.context();

  /** What is learned by a network. */
  private enum Upper {
    WEIGHT_FUNCTION(new WeightFunction(WeightFunction.ALL_SCORES, 3)),
    GROUP_WEIGHTS(WeightFunction.ofGroups(3)),
    EXAMPLE_WEIGHTS(new ExampleWeights(0.5));

    @SuppressWarnings("ImmutableEnumChecker") // Its kinds are records of numbers.
    private final UpperVariable variable;

    Upper(UpperVariable variable) {
      this.variable = variable;
    }
  }

  private static Data data(Storage storage) {
    return TestProblems.of(CleaningRuns.data().model().loss())
        .features(5)
        .rows(120, 24, 12, 20)
        .groups(3)
        .folds(2)
        .noisy(1.5, 0.3)
        .storage(storage)
        .make();
  }

  private static Network model(Data data) {
    return Network.dense(data.model().loss(), 5, List.of(7, 4), Activation.RELU)
        .with(new Fisher.MonteCarlo(2, 11));
  }

  private static Training training() {
    return new Training(new Training.Rule(Training.Optimizer.ADAM, 3e-3, 8, 5), PASSES, true, 17);
  }

  private static BilevelProblem problem(Network model, UpperVariable variable) {
    return new BilevelProblem(model, variable, Penalty.fixed(model, 0.01, false));
  }

  private interface Numbers {
    List<double[]> of(PassEngine engine);
  }

  private void assertSameBits(List<PartitionData> partitions, Numbers numbers) {
    List<double[]> local = numbers.of(new LocalEngine(partitions));
    try (PartitionedData data = CleaningRuns.asTheyAre(context, partitions);
        SparkEngine engine = new SparkEngine(context, data, 10)) {
      assertSame(local, numbers.of(engine));
    }
  }

  private static void assertSame(List<double[]> expected, List<double[]> got) {
    assertEquals(expected.size(), got.size());
    for (int i = 0; i < expected.size(); i++) {
      assertArrayEquals(expected.get(i), got.get(i), "numbers " + i);
    }
  }

  private static void add(List<double[]> numbers, Evaluation evaluation) {
    numbers.add(
        new double[] {
          evaluation.value(),
          evaluation.upper().loss(),
          evaluation.heldOut().loss(),
          evaluation.test().accuracy()
        });
    numbers.add(evaluation.gradient());
    numbers.add(evaluation.upperGradient());
    if (evaluation.adjointProduct() != null) {
      numbers.add(evaluation.adjointProduct());
    }
  }

  private static void add(List<double[]> numbers, Trained trained) {
    numbers.add(trained.theta());
    numbers.add(trained.first());
    numbers.add(trained.second());
    numbers.add(trained.steps());
  }

  /** Every pass that a network makes, once at least. */
  private static List<double[]> everyPass(
      PassEngine engine, BilevelProblem problem, Data data, double[] lambda) {
    int d = problem.model().size();
    double[] theta = problem.model().initial(3);
    double[] u = TestProblems.vector(2, d, 1);
    double[] v = TestProblems.vector(4, d, 1);
    List<double[]> numbers = new ArrayList<>();
    try (BlockOracle oracle = new BlockOracle(problem, engine, "auto", data.train().count())) {
      if (problem.logOdds() > 0) {
        oracle.makeFeatures(TestProblems.vector(5, 3 * d, 1), 2, theta);
        oracle.makeFeatures(TestProblems.vector(5, 3 * d, 1), 1, u);
      }
      var lower = oracle.lower(null, lambda);
      add(numbers, lower.trainAll(null, Trained.from(theta, 1, training()), training()));
      Evaluation start = oracle.evaluate(Query.at(theta, lambda).with(Extra.KRONECKER));
      add(numbers, start);
      for (KroneckerFactors factors : start.factors()) {
        numbers.add(factors.inputs());
        numbers.add(factors.outputs());
      }
      numbers.add(start.eigenScales(start.factors().stream().map(KroneckerBasis::of).toList()));
      numbers.addAll(List.of(start.hessian(0.1).applyAll(new double[][] {u, theta, v})));
      add(numbers, lower.train(start, Trained.from(theta, 1, training()), training()));
      MixedProduct mixed = oracle.mixedProduct(start, theta, u);
      numbers.add(mixed.values());
      numbers.add(new double[] {mixed.lowerObjective(), mixed.rows().norm()});
      Evaluation next =
          oracle.evaluate(Query.at(theta, lambda).along(u).from(start, null).with(Extra.DIAGONAL));
      start.release();
      add(numbers, next);
      numbers.add(next.dataDiagonal());
      next.release();
    }
    return numbers;
  }

  @ParameterizedTest
  @EnumSource(Storage.class)
  void everyPassGivesTheSameBits(Storage storage) {
    Data data = data(storage);
    for (Upper upper : Upper.values()) {
      BilevelProblem problem = problem(model(data), upper.variable);
      double[] lambda = TestProblems.vector(6, problem.sharedSize(), 1);
      assertSameBits(data.partitions(), engine -> everyPass(engine, problem, data, lambda));
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Storage.class,
      names = {"DENSE_32", "DENSE_64"})
  void trainingWithoutAnEvaluationIsTrainingWithOne(Storage storage) {
    Data data = data(storage);
    for (Upper upper : Upper.values()) {
      BilevelProblem problem = problem(model(data), upper.variable);
      double[] theta = problem.model().initial(3);
      double[] lambda = TestProblems.vector(6, problem.sharedSize(), 1);
      // Two engines, for draws depend on the number of the pass.
      List<double[]> with = new ArrayList<>();
      List<double[]> without = new ArrayList<>();
      for (List<double[]> numbers : List.of(with, without)) {
        BlockOracle oracle = new BlockOracle(problem, data.engine(), "auto", data.train().count());
        if (upper == Upper.WEIGHT_FUNCTION) {
          oracle.makeFeatures(TestProblems.vector(5, 3 * theta.length, 1), 2, theta);
        }
        var lower = oracle.lower(null, lambda);
        Evaluation point = lower.at(theta, Extra.NONE);
        Trained start = Trained.from(theta, 1, training());
        add(numbers, lower.train(numbers == with ? point : null, start, training()));
      }
      assertSame(with, without);
      assertFalse(Arrays.equals(theta, with.get(0)));
    }
  }

  @Test
  void trainingOfSeveralModelsGivesTheSameBits() {
    Data data = data(Storage.DENSE_32);
    Network model = model(data);
    BlockKernel kernel = BlockKernel.of(model, "auto");
    List<FitRows> fits =
        List.of(new FitRows.Noisy(), new FitRows.Trusted(0), new FitRows.Trusted(null));
    double[] theta = TestProblems.vector(1, fits.size() * model.size(), 0.5);
    assertSameBits(
        data.partitions(),
        engine -> {
          Ridge penalty = Ridge.of(model, 0.1);
          List<double[]> numbers = new ArrayList<>();
          try (PlainFits objective = new PlainFits(kernel, engine, penalty, fits, List.of())) {
            Trained start = Trained.from(theta, fits.size(), training());
            add(numbers, objective.trainAll(null, start, training()));
          }
          return numbers;
        });
  }

  private static Trained train(SparkEngine engine, Data data, Runnable afterEachPass) {
    BilevelProblem problem = problem(model(data), new ExampleWeights(0.5));
    Trained trained = Trained.from(problem.model().initial(3), 1, training());
    try (BlockOracle oracle = new BlockOracle(problem, engine, "auto", data.train().count())) {
      var lower = oracle.lower(null, new double[0]);
      Evaluation point = lower.at(trained.theta(), Extra.NONE);
      for (int pass = 0; pass < PASSES; pass++) {
        trained = lower.train(point, trained, training());
        afterEachPass.run();
      }
      point.release();
    }
    return trained;
  }

  @Test
  void trainingGivesTheSameBitsInEveryRunAndAlsoWhenAllThatIsCachedIsLost() {
    Data data = data(Storage.DENSE_64);
    List<double[]> first = null;
    for (int run = 0; run < 4; run++) {
      boolean losing = run >= 2;
      int[] lost = new int[1];
      Runnable lose =
          () -> {
            for (var rdd : context.getPersistentRDDs().values()) {
              SparkEnv.get().blockManager().master().removeRdd(rdd.id(), true);
              lost[0]++;
            }
          };
      List<double[]> numbers = new ArrayList<>();
      // The blocks are built anew from the rows, in whatever order they come.
      try (PartitionedData blocks = CleaningRuns.partitioned(context, data, 3);
          SparkEngine engine = new SparkEngine(context, blocks, 10)) {
        add(numbers, train(engine, data, losing ? lose : () -> {}));
      }
      assertTrue(!losing || lost[0] >= 2 * PASSES, "lost: " + lost[0]);
      first = first == null ? numbers : first;
      assertSame(first, numbers);
    }
  }

  private static CleaningSettings settings(Data data, Upper upper, boolean baselines) {
    BilevelProblem problem = problem(model(data), upper.variable);
    NboSettings.Rotation rotation =
        upper == Upper.WEIGHT_FUNCTION ? new NboSettings.Rotation(2, 2) : null;
    Training each = training().passes(1).annealed(false);
    return CleaningSettings.of(
            problem,
            NboSettings.of(Curvature.KFAC_CG)
                .withProducts(3)
                .withIterations(3)
                .withDamping(0.01)
                .withPatience(0)
                .withFactorRefresh(2)
                .withRows(0.5, -8, 8)
                .rotating(rotation)
                .with(each, KroneckerSettings.DEFAULT))
        .from(new double[problem.sharedSize()], -8, 4)
        .withStep(0.2)
        .warmedUp(new CleaningSettings.WarmUp(1e-3, 30))
        .comparedWith(
            baselines
                ? EnumSet.complementOf(EnumSet.of(Baseline.TRANSFER))
                : EnumSet.noneOf(Baseline.class))
        .withSeed(7)
        .with(new CleaningSettings.Networks(each.passes(2), training()));
  }

  @ParameterizedTest
  @EnumSource(Upper.class)
  void wholeRunGivesTheSameBits(Upper upper) {
    Data data = data(Storage.DENSE_32);
    CleaningSettings settings = settings(data, upper, upper == Upper.WEIGHT_FUNCTION);
    int n = data.train().count();
    Map<String, double[]> local = CleaningRuns.run(data.engine(), settings, n, CleaningRuns.SILENT);
    try (PartitionedData twin = CleaningRuns.asTheyAre(context, data.partitions())) {
      CleaningRuns.assertSameBits(
          local, CleaningRuns.onSpark(context, twin, 3, settings, n, CleaningRuns.SILENT));
    }
  }
}
