package io.github.sparkbilevel.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.TestProblems;
import io.github.sparkbilevel.TestProblems.Data;
import io.github.sparkbilevel.TestProblems.Rows;
import io.github.sparkbilevel.bilevel.Cleaning;
import io.github.sparkbilevel.bilevel.CleaningResult;
import io.github.sparkbilevel.bilevel.CleaningSettings;
import io.github.sparkbilevel.bilevel.CleaningSettings.Baseline;
import io.github.sparkbilevel.bilevel.Curvature;
import io.github.sparkbilevel.bilevel.IterationRecord;
import io.github.sparkbilevel.bilevel.NboSettings;
import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.BlockLayout;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.model.SoftmaxLoss;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.ExampleWeights;
import io.github.sparkbilevel.problem.PartitionState;
import io.github.sparkbilevel.problem.Penalty;
import io.github.sparkbilevel.problem.UpperVariable;
import io.github.sparkbilevel.problem.WeightFunction;
import io.github.sparkbilevel.problem.oracle.Tally;
import io.github.sparkbilevel.problem.pass.LocalEngine;
import io.github.sparkbilevel.problem.pass.PassEngine;
import io.github.sparkbilevel.problem.snapshot.Checkpoints;
import io.github.sparkbilevel.spark.rows.BlockShape;
import io.github.sparkbilevel.spark.rows.DataRow;
import io.github.sparkbilevel.spark.rows.DataRow.Part;
import io.github.sparkbilevel.spark.rows.PartitionedData;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;

/** Small cleaning runs, and every number that comes out of them. */
public final class CleaningRuns {
  public static final Consumer<IterationRecord> SILENT = record -> {};

  /** What is learned. */
  public enum Upper {
    EXAMPLE_WEIGHTS(new ExampleWeights(1), false),
    EXAMPLE_WEIGHTS_AND_L2(new ExampleWeights(1), true),
    WEIGHT_FUNCTION(new WeightFunction(WeightFunction.ALL_SCORES, 0), false),
    WEIGHT_FUNCTION_AND_L2(new WeightFunction(WeightFunction.ALL_SCORES, 3), true),
    GROUP_WEIGHTS(WeightFunction.ofGroups(3), false),
    GROUP_WEIGHTS_AND_L2(WeightFunction.ofGroups(3), true);

    private final UpperVariable variable;
    private final boolean tunesL2;

    Upper(UpperVariable variable, boolean tunesL2) {
      this.variable = variable;
      this.tunesL2 = tunesL2;
    }

    private boolean isScored() {
      return variable.logOdds() > 0;
    }
  }

  private CleaningRuns() {}

  /** 120 rows of 3 classes, of whose labels 30 % are wrong; 24 trusted rows and 12 held out. */
  public static Data data() {
    return TestProblems.of(new SoftmaxLoss(3))
        .features(5)
        .rows(120, 24, 12, 20)
        .groups(3)
        .folds(2)
        .noisy(1.5, 0.3)
        .make();
  }

  public static CleaningSettings settings(
      Data data, Upper upper, Curvature curvature, boolean baselines, int iterations) {
    return settings(data, upper, curvature, baselines, iterations, "auto");
  }

  public static CleaningSettings settings(
      Data data,
      Upper upper,
      Curvature curvature,
      boolean baselines,
      int iterations,
      String backend) {
    Penalty penalty =
        upper.tunesL2
            ? Penalty.tuned(data.model(), false)
            : Penalty.fixed(data.model(), 0.01, false);
    BilevelProblem problem = new BilevelProblem(data.model(), upper.variable, penalty);
    double[] lambda = new double[problem.sharedSize()];
    if (upper.tunesL2) {
      lambda[lambda.length - 1] = Math.log(0.01);
    }
    NboSettings.Rotation rotation = upper.isScored() ? new NboSettings.Rotation(2, 3) : null;
    return CleaningSettings.of(
            problem,
            NboSettings.of(curvature)
                .withProducts(2)
                .withIterations(iterations)
                .withPatience(0)
                .withFactorRefresh(4)
                .withRows(0.5, -8, 8)
                .rotating(rotation))
        .from(lambda, -8, 4)
        .withStep(0.2)
        .warmedUp(new CleaningSettings.WarmUp(1e-3, 30))
        .comparedWith(baselines ? EnumSet.allOf(Baseline.class) : EnumSet.noneOf(Baseline.class))
        .onBackend(backend)
        .withSeed(7);
  }

  /** The rows of all parts, one by one. */
  static List<DataRow> rows(Data data) {
    return rows(data, null);
  }

  /** Rows with numbers in all these columns; null for dense ones. */
  private static List<DataRow> rows(Data data, int[] columns) {
    List<DataRow> rows = new ArrayList<>();
    add(rows, Part.TRAIN, data.train(), columns);
    add(rows, Part.UPPER, data.upper(), columns);
    add(rows, Part.HELD_OUT, data.heldOut(), columns);
    add(rows, Part.TEST, data.test(), columns);
    return rows;
  }

  private static void add(List<DataRow> all, Part part, Rows rows, int[] columns) {
    for (int i = 0; i < rows.count(); i++) {
      all.add(
          new DataRow(
              part,
              rows.ids()[i],
              rows.labels()[i],
              rows.weights() == null ? 1 : rows.weights()[i],
              rows.groups() == null ? 0 : rows.groups()[i],
              rows.truth()[i],
              columns,
              rows.x()[i]));
    }
  }

  /** Dense float64 blocks of about ten rows. */
  public static PartitionedData partitioned(JavaSparkContext context, Data data, int partitions) {
    return partitioned(context, data, partitions, BlockLayout.DOUBLE_ROWS);
  }

  /** Blocks of about 400 bytes of features. */
  public static PartitionedData partitioned(
      JavaSparkContext context, Data data, int partitions, BlockLayout layout) {
    int p = data.model().features();
    int[] columns = layout == BlockLayout.SPARSE_ROWS ? IntStream.range(0, p).toArray() : null;
    BlockShape shape = new BlockShape(p, layout, null, 400);
    return PartitionedData.build(context.parallelize(rows(data, columns), 3), shape, partitions);
  }

  /** Partitions as they are, one for each of Spark's. */
  static PartitionedData asTheyAre(JavaSparkContext context, List<PartitionData> partitions) {
    return new PartitionedData(
        context.parallelize(partitions, partitions.size()).cache(), Map.of());
  }

  /** Runs on Spark; afterwards only the blocks stay cached. */
  static Map<String, double[]> onSpark(
      JavaSparkContext context,
      PartitionedData data,
      int checkpointInterval,
      CleaningSettings settings,
      int rows,
      Consumer<IterationRecord> listener) {
    try (SparkEngine engine = new SparkEngine(context, data, checkpointInterval)) {
      return run(engine, settings, rows, listener);
    }
  }

  /** Runs all steps and gives every number that they end with. */
  public static Map<String, double[]> run(
      PassEngine engine, CleaningSettings settings, int rows, Consumer<IterationRecord> listener) {
    return run(engine, settings, rows, listener, Checkpoints.NONE);
  }

  /** The same with checkpoints. */
  public static Map<String, double[]> run(
      PassEngine engine,
      CleaningSettings settings,
      int rows,
      Consumer<IterationRecord> listener,
      Checkpoints checkpoints) {
    Cleaning cleaning = new Cleaning(settings, engine, rows, listener, checkpoints);
    Cleaning.Learned learned = cleaning.learn();
    CleaningResult result = cleaning.compare(learned);
    Map<String, double[]> numbers = new LinkedHashMap<>();
    for (IterationRecord record : result.course().history()) {
      numbers.put("iteration " + record.iteration(), numbers(record));
    }
    result
        .models()
        .forEach(
            (name, candidate) -> {
              numbers.put("theta of " + name, candidate.theta());
              numbers.put("upper of " + name, numbers(candidate.figures().upper()));
              numbers.put("held out of " + name, numbers(candidate.figures().heldOut()));
              numbers.put("test of " + name, numbers(candidate.figures().test()));
            });
    numbers.put(
        "selected", new double[] {result.selected().hashCode(), result.course().bestIteration()});
    numbers.put("lambda", learned.evaluation().lambda());
    rowNumbers(engine, cleaning, learned).forEach((id, row) -> numbers.put("row " + id, row));
    learned.evaluation().release();
    cleaning.oracle().close();
    return numbers;
  }

  private static double[] numbers(IterationRecord record) {
    double[] all = {
      record.spent().passes(),
      record.point().lowerObjective(),
      record.point().lowerGradientNorm(),
      record.step().hypergradientNorm(),
      record.step().products(),
      record.step().stepLength()
    };
    return concat(
        all,
        numbers(record.figures().upper()),
        numbers(record.figures().heldOut()),
        numbers(record.figures().test()),
        record.point().lambda());
  }

  private static double[] numbers(Tally tally) {
    return new double[] {tally.loss(), tally.accuracy(), tally.standardError(), tally.rows()};
  }

  private static double[] concat(double[]... parts) {
    return Arrays.stream(parts).flatMapToDouble(Arrays::stream).toArray();
  }

  /** Weight and λ of each training row, by its id. */
  private record RowNumbers() implements SparkEngine.RowFunction<PartitionState, RowEntry> {
    @Override
    public Iterator<RowEntry> rows(PartitionData partition, PartitionState state) {
      List<RowEntry> entries = new ArrayList<>();
      for (int b = 0; b < partition.train().length; b++) {
        Block block = partition.train()[b];
        for (int i = 0; i < block.rows(); i++) {
          double lambda = state.lambda() == null ? 0 : state.lambda()[b][i];
          entries.add(new RowEntry(block.ids()[i], new double[] {state.weights()[b][i], lambda}));
        }
      }
      return entries.iterator();
    }
  }

  private record RowEntry(long id, double[] numbers) implements java.io.Serializable {}

  private static Map<Long, double[]> rowNumbers(
      PassEngine engine, Cleaning cleaning, Cleaning.Learned learned) {
    var states = cleaning.oracle().states(learned.evaluation());
    Map<Long, double[]> byId = new TreeMap<>();
    PassEngine inner = engine instanceof FaultyEngine faulty ? faulty.spark() : engine;
    if (inner instanceof SparkEngine spark) {
      for (RowEntry entry : spark.rows(states, new RowNumbers()).collect()) {
        byId.put(entry.id(), entry.numbers());
      }
    } else {
      LocalEngine local = (LocalEngine) engine;
      for (int p = 0; p < local.partitions().size(); p++) {
        new RowNumbers()
            .rows(local.partitions().get(p), local.states(states).get(p))
            .forEachRemaining(entry -> byId.put(entry.id(), entry.numbers()));
      }
    }
    return byId;
  }

  public static void assertSameBits(Map<String, double[]> expected, Map<String, double[]> actual) {
    assertEquals(List.copyOf(expected.keySet()), List.copyOf(actual.keySet()));
    expected.forEach((name, numbers) -> assertArrayEquals(numbers, actual.get(name), name));
  }

  /** Each list of numbers agrees to 1e-12 of its largest, or of 1 if that is more. */
  static void assertAgree(Map<String, double[]> expected, Map<String, double[]> actual) {
    assertEquals(List.copyOf(expected.keySet()), List.copyOf(actual.keySet()));
    expected.forEach(
        (name, numbers) -> {
          double[] other = actual.get(name);
          assertEquals(numbers.length, other.length, name);
          double scale = Arrays.stream(numbers).map(Math::abs).max().orElse(0);
          for (int j = 0; j < numbers.length; j++) {
            double difference = Math.abs(numbers[j] - other[j]);
            assertTrue(
                difference <= 1e-12 * Math.max(1, scale),
                name + "[" + j + "]: " + numbers[j] + " and " + other[j]);
          }
        });
  }
}
