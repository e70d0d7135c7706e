package io.github.sparkbilevel.bilevel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.bilevel.TuningSettings.Algorithm;
import io.github.sparkbilevel.block.AllRows;
import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.DataException;
import io.github.sparkbilevel.block.DenseFeatures;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.model.SoftmaxLoss;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.Lasso;
import io.github.sparkbilevel.problem.Penalty;
import io.github.sparkbilevel.problem.Penalty.Sharing;
import io.github.sparkbilevel.problem.oracle.BlockOracle;
import io.github.sparkbilevel.problem.oracle.FoldRows;
import io.github.sparkbilevel.problem.oracle.FoldedOracle;
import io.github.sparkbilevel.problem.oracle.Tally;
import io.github.sparkbilevel.problem.pass.LocalEngine;
import io.github.sparkbilevel.problem.pass.ViewEngine;
import io.github.sparkbilevel.problem.sampling.Folds;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.IntPredicate;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Cross-validation as the upper objective, and fits on all rows. */
class FoldsTest {
  private static final int ROWS = 60;
  private static final int FEATURES = 3;
  private static final int CLASSES = 3;
  private static final List<String> NAMES = List.of("a", "b", "c");
  private static final double[] LAMBDA = {-2, -3, -1};
  private static final Folds FOLDS = new Folds(3, 7, 1);
  private static final AllRows ALL = new AllRows(1, 1);
  private static final LinearModel MODEL =
      new LinearModel(new SoftmaxLoss(CLASSES), FEATURES, true);

  private static final BilevelProblem RIDGE =
      new BilevelProblem(MODEL, Penalty.tuned(MODEL, Sharing.PER_FEATURE, false));

  /** Rows of weights with mean 1; those that are chosen. */
  private static Block[] blocks(IntPredicate chosen) {
    int[] rows = IntStream.range(0, ROWS).filter(chosen).toArray();
    Random random = new Random(3);
    double[][] all = new double[ROWS][FEATURES];
    double[] labels = new double[ROWS];
    double[] weights = new double[ROWS];
    double sum = 0;
    for (int i = 0; i < ROWS; i++) {
      for (int j = 0; j < FEATURES; j++) {
        all[i][j] = random.nextGaussian();
      }
      double score = all[i][0] + 0.5 * all[i][1] + 0.8 * random.nextGaussian();
      labels[i] = score < -0.5 ? 0 : score < 0.5 ? 1 : 2;
      weights[i] = 0.5 + random.nextDouble();
      sum += weights[i];
    }
    double mean = sum / ROWS;
    double[] values = new double[rows.length * FEATURES];
    for (int i = 0; i < rows.length; i++) {
      System.arraycopy(all[rows[i]], 0, values, i * FEATURES, FEATURES);
    }
    Block block =
        new Block(
            Arrays.stream(rows).asLongStream().toArray(),
            DenseFeatures.ofDoubles(rows.length, FEATURES, values),
            Arrays.stream(rows).mapToDouble(i -> labels[i]).toArray());
    return rows.length == 0
        ? new Block[0]
        : new Block[] {
          block.withWeights(Arrays.stream(rows).mapToDouble(i -> weights[i] / mean).toArray())
        };
  }

  /** The rows in two partitions, a block for each fold; the last third are validation rows. */
  private static LocalEngine folded() {
    List<PartitionData> partitions = new ArrayList<>();
    for (int p = 0; p < 2; p++) {
      int part = p;
      List<Block> train = new ArrayList<>();
      List<Block> upper = new ArrayList<>();
      for (int f = 0; f < FOLDS.count(); f++) {
        int fold = f;
        IntPredicate here = i -> i % 2 == part && FOLDS.of(i) == fold;
        train.addAll(List.of(blocks(i -> here.test(i) && i < 40)));
        upper.addAll(List.of(blocks(i -> here.test(i) && i >= 40)));
      }
      Block[] none = {};
      partitions.add(
          new PartitionData(train.toArray(Block[]::new), upper.toArray(Block[]::new), none, none));
    }
    return new LocalEngine(partitions);
  }

  private static UpperPoint at(BilevelProblem problem, Curvature curvature, double[] lambda) {
    LocalEngine engine = folded();
    List<FoldRows> folds = FoldRows.of(engine, ALL, FOLDS, NAMES);
    var oracle = FoldedOracle.orPlain(problem, engine, "auto", ROWS, folds);
    return new UpperObjective(oracle, new NewtonSystem(curvature, 0, 1)).at(lambda, null, 1e-20);
  }

  /** The same for one fold alone, by an oracle that knows no folds. */
  private static UpperPoint alone(int fold, double[] lambda) {
    Block[] none = {};
    Block[] train = blocks(i -> FOLDS.of(i) != fold);
    double weight = IntStream.range(0, train[0].rows()).mapToDouble(train[0]::weight).sum();
    Block[] scaled = {train[0].weighted(train[0].rows() / weight)};
    LocalEngine engine =
        new LocalEngine(
            List.of(new PartitionData(scaled, blocks(i -> FOLDS.of(i) == fold), none, none)));
    BlockOracle oracle = new BlockOracle(RIDGE, engine, "auto", train[0].rows());
    return new UpperObjective(oracle, new NewtonSystem(Curvature.EXACT, 0, 1))
        .at(lambda, null, 1e-20);
  }

  @ParameterizedTest
  @EnumSource(
      value = Curvature.class,
      names = {"EXACT", "CG", "JACOBI_CG"})
  void isTheMeanOverTheModelsOfTheFolds(Curvature curvature) {
    UpperPoint together = at(RIDGE, curvature, LAMBDA);
    double value = 0;
    double[] gradient = new double[FEATURES];
    for (int fold = 0; fold < FOLDS.count(); fold++) {
      UpperPoint alone = alone(fold, LAMBDA);
      value += alone.value() / FOLDS.count();
      Vectors.addTo(gradient, 1.0 / FOLDS.count(), alone.hypergradient());
    }
    assertEquals(value, together.value(), 1e-12);
    assertArrayEquals(
        gradient, together.hypergradient(), curvature == Curvature.EXACT ? 1e-12 : 1e-6);
    assertEquals(ROWS, together.evaluation().upper().rows());
    Sensitivity.Estimate mean =
        new Sensitivity.Estimate(
            together.evaluation().upper().loss(), together.evaluation().upper().standardError());
    assertMeanOfFolds(fold -> alone(fold, LAMBDA).evaluation().upper().loss(), mean);
  }

  @ParameterizedTest
  @CsvSource({
    "EXACT, false",
    "JACOBI_CG, false",
    "EXACT, true",
    "JACOBI_CG, true",
    "WORKING_SET, false",
    "WORKING_SET, true"
  })
  void hypergradientEqualsDifferencesWhereCoefficientsAreZero(
      Curvature curvature, boolean grouped) {
    Penalty one = Penalty.tuned(MODEL, false);
    Penalty groups = Penalty.tuned(MODEL, Penalty.Sharing.PER_FEATURE, false);
    BilevelProblem lasso =
        new BilevelProblem(
            MODEL,
            Penalty.fixed(MODEL, 0.01, false),
            grouped ? Lasso.grouped(one, groups) : new Lasso(one));
    double[] lambda = {-2.5};
    double h = 1e-4;
    double difference =
        (at(lasso, curvature, new double[] {lambda[0] + h}).value()
                - at(lasso, curvature, new double[] {lambda[0] - h}).value())
            / (2 * h);
    UpperPoint point = at(lasso, curvature, lambda);
    assertEquals(difference, point.hypergradient()[0], 1e-7);
    assertTrue(Arrays.stream(point.evaluation().theta()).anyMatch(c -> c == 0));
  }

  /** Validation rows train the models, and training rows alone judge them. */
  @Test
  void trainingRowsJudgeTheModelsOfTheFolds() {
    LocalEngine engine = folded();
    List<FoldRows> folds =
        FoldRows.of(engine, ALL, FOLDS, NAMES).stream().map(FoldRows::judgedByTraining).toList();
    FixedLambda lower = new FixedLambda(RIDGE, LAMBDA, Curvature.CG, 1, "auto");
    List<Tally> judged = lower.judged(engine, folds, new double[MODEL.size() * FOLDS.count()]);
    assertEquals(FOLDS.count(), judged.size());
    for (int fold = 0; fold < FOLDS.count(); fold++) {
      int left = fold;
      Block[] judging = blocks(i -> FOLDS.of(i) == left && i < 40);
      double[] theta = alone(fold, LAMBDA).evaluation().theta();
      double[] sums = new double[Tally.SUMS];
      Tally.add(BlockKernel.of(MODEL, "auto"), judging, theta, sums, 0);
      Tally expected = Tally.read(sums, 0);
      assertEquals(judging[0].rows(), judged.get(fold).rows());
      assertEquals(expected.loss(), judged.get(fold).loss(), 1e-6);
      assertEquals(expected.accuracy(), judged.get(fold).accuracy(), 1e-12);
    }
  }

  /** Folds are the parts: slopes and losses of each are those of its model alone. */
  @ParameterizedTest
  @EnumSource(
      value = Curvature.class,
      names = {"EXACT", "JACOBI_CG"})
  void sensitivityIsThatOfTheModelsOfTheFolds(Curvature curvature) {
    LocalEngine engine = folded();
    List<FoldRows> folds = FoldRows.of(engine, ALL, FOLDS, NAMES);
    Solution chosen = Solution.at(at(RIDGE, curvature, LAMBDA).evaluation());
    Sensitivity found =
        new SensitivityAnalysis(RIDGE, curvature, 6, "auto", folds)
            .run(engine, ROWS, chosen)
            .orElseThrow();
    assertEquals(FOLDS.count(), found.parts());
    for (int j = 0; j < FEATURES; j++) {
      int entry = j;
      double[] more = LAMBDA.clone();
      more[j] += Math.log(10);
      assertMeanOfFolds(fold -> alone(fold, LAMBDA).hypergradient()[entry], found.slopes().get(j));
      assertMeanOfFolds(
          fold -> alone(fold, more).value() - alone(fold, LAMBDA).value(), found.tenfold().get(j));
    }
  }

  private static void assertMeanOfFolds(IntToDoubleFunction of, Sensitivity.Estimate got) {
    double[] folds = IntStream.range(0, FOLDS.count()).mapToDouble(of).toArray();
    double mean = Arrays.stream(folds).average().orElseThrow();
    double squares = Arrays.stream(folds).map(x -> (x - mean) * (x - mean)).sum();
    double error = Math.sqrt(squares / folds.length / (folds.length - 1));
    assertEquals(mean, got.value(), 1e-4);
    assertEquals(error, got.standardError(), 1e-5 + 1e-3 * error);
  }

  @ParameterizedTest
  @EnumSource(Algorithm.class)
  void tunesByFolds(Algorithm algorithm) {
    LocalEngine engine = folded();
    List<FoldRows> folds = FoldRows.of(engine, ALL, FOLDS, NAMES);
    double[] low = {-10, -10, -10};
    double[] high = {5, 5, 5};
    TuningSettings settings =
        TuningSettings.of(RIDGE, NboSettings.of(Curvature.EXACT).withIterations(60))
            .from(LAMBDA, low, high)
            .by(algorithm)
            .over(folds);
    TuningResult result = new Tuning(settings, engine, ROWS, record -> {}).run();
    double start = at(RIDGE, Curvature.EXACT, LAMBDA).value();
    double end = at(RIDGE, Curvature.EXACT, result.lambda()).value();
    assertTrue(end < start - 0.005, end + " is not below " + start);
    assertEquals(end, result.best().upperObjective(), 1e-6);
  }

  @ParameterizedTest
  @EnumSource(Algorithm.class)
  void goesOnFromACheckpoint(Algorithm algorithm) {
    List<FoldRows> folds = FoldRows.of(folded(), ALL, FOLDS, NAMES);
    TuningSettings settings =
        TuningSettings.of(RIDGE, NboSettings.of(Curvature.EXACT).withIterations(5))
            .from(LAMBDA, new double[] {-10, -10, -10}, new double[] {5, 5, 5})
            .by(algorithm)
            .over(folds);
    MemoryCheckpoints saved = new MemoryCheckpoints(folded(), null);
    TuningResult whole = new Tuning(settings, folded(), ROWS, record -> {}, saved).run();
    LocalEngine engine = folded();
    MemoryCheckpoints from = new MemoryCheckpoints(engine, saved.offered().get(2));
    TuningResult resumed = new Tuning(settings, engine, ROWS, record -> {}, from).run();
    assertArrayEquals(whole.lambda(), resumed.lambda());
    assertArrayEquals(whole.theta(), resumed.theta());
  }

  @Test
  void fitsOnAllRowsByTheirWeights() {
    LocalEngine engine = folded();
    // The blocks' weights have the mean 1 over both parts; here validation rows weigh twice.
    AllRows twice = AllRows.of(new AllRows.Part(40, 1), new AllRows.Part(20, 2));
    FixedLambda lower = new FixedLambda(RIDGE, LAMBDA, Curvature.EXACT, 0, "auto");
    double[] theta =
        lower.refit(new ViewEngine(engine, twice), ROWS, new double[MODEL.size()]).theta();
    Block[] none = {};
    double unit = 60.0 / 80;
    Block[] joined = {
      blocks(i -> i < 40)[0].weighted(unit), blocks(i -> i >= 40)[0].weighted(2 * unit)
    };
    double[] expected =
        lower
            .run(new LocalEngine(List.of(new PartitionData(joined, none, none, none))), ROWS)
            .theta();
    assertArrayEquals(expected, theta, 1e-5);
  }

  @Test
  void refusesFoldsWithoutRowsOrClasses() {
    LocalEngine engine = folded();
    Folds many = new Folds(200, 7, 1);
    assertThrows(DataException.class, () -> FoldRows.of(engine, ALL, many, NAMES));
    Block[] none = {};
    Block[] two = {
      blocks(i -> FOLDS.of(i) == 0)[0],
      blocks(i -> FOLDS.of(i) == 1)[0],
      blocks(i -> FOLDS.of(i) == 2)[0]
    };
    double[] labels = new double[two[0].rows()];
    labels[0] = CLASSES;
    two[0] = two[0].withLabels(labels);
    LocalEngine lone = new LocalEngine(List.of(new PartitionData(two, none, none, none)));
    assertThrows(
        DataException.class, () -> FoldRows.of(lone, ALL, FOLDS, List.of("a", "b", "c", "d")));
  }
}
