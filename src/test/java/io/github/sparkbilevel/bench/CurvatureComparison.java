package io.github.sparkbilevel.bench;

import com.sun.management.OperatingSystemMXBean;
import io.github.sparkbilevel.bilevel.Cleaning;
import io.github.sparkbilevel.bilevel.CleaningSettings;
import io.github.sparkbilevel.bilevel.Curvature;
import io.github.sparkbilevel.bilevel.IterationRecord;
import io.github.sparkbilevel.bilevel.NboSettings;
import io.github.sparkbilevel.bilevel.TrainingRows;
import io.github.sparkbilevel.bilevel.Tuning;
import io.github.sparkbilevel.bilevel.TuningResult;
import io.github.sparkbilevel.bilevel.TuningSettings;
import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.BlockLayout;
import io.github.sparkbilevel.block.PanelFeatures;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.model.LogisticLoss;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.SoftmaxLoss;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.Penalty;
import io.github.sparkbilevel.problem.WeightFunction;
import io.github.sparkbilevel.problem.pass.PassLedger;
import io.github.sparkbilevel.spark.SparkEngine;
import io.github.sparkbilevel.spark.rows.DataRow.Part;
import io.github.sparkbilevel.spark.rows.PartitionedData;
import java.io.Serializable;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.storage.StorageLevel;

/**
 * Seconds of an outer iteration by each curvature on the same made-up rows.
 *
 * <p>Arguments: {@code clean} or {@code tune}, rows, features, classes, partitions (0 for one for
 * each 16 MiB), iterations, rounds, and curvatures separated by commas.
 */
public final class CurvatureComparison {
  private static final int TRUSTED = 2000;
  private static final int FOLDS = 5;
  private static final long PARTITION_BYTES = 16L << 20;
  private static final long TINY_BYTES = 1L << 20;
  private static final int BLOCK_BYTES = 8 << 20;

  private CurvatureComparison() {}

  private record Shape(int rows, int features, int classes, int partitions)
      implements Serializable {
    Shape {
      if (partitions == 0) {
        long bytes = 4L * rows * features;
        long pairs = (bytes - 1) / (2 * PARTITION_BYTES) + 1;
        partitions = bytes <= TINY_BYTES ? 1 : (int) (2 * pairs);
      }
    }

    LinearModel model() {
      Loss loss = classes == 2 ? new LogisticLoss() : new SoftmaxLoss(classes);
      return new LinearModel(loss, features, true);
    }

    Curvature.Choice choice(boolean cleans) {
      TrainingRows of = new TrainingRows(rows, partitions, BlockLayout.SINGLE_PANELS);
      BilevelProblem problem = new BilevelProblem(model(), Penalty.fixed(model(), 0.01, false));
      return cleans
          ? Curvature.choose(problem, of, 2)
          : Curvature.chooseToSolve(problem, of, Curvature.SKETCH_COLUMNS);
    }

    PartitionData partition(int index) {
      double[] rule = new Random(1).doubles(20 * classes, -1, 1).toArray();
      SplittableRandom random = new SplittableRandom(index + 1);
      Block[] none = {};
      return new PartitionData(
          blocks(share(rows, index), index, rule, random, 0.3),
          blocks(share(TRUSTED, index), index, rule, random, 0),
          blocks(share(TRUSTED / 4, index), index, rule, random, 0),
          none);
    }

    private int share(int all, int index) {
      return (int) ((long) all * (index + 1) / partitions - (long) all * index / partitions);
    }

    private Block[] blocks(
        int count, int partition, double[] rule, SplittableRandom random, double noise) {
      int most = Math.min(1 << 16, BLOCK_BYTES / (4 * features));
      List<Block> blocks = new ArrayList<>();
      for (int from = 0; from < count; from += most) {
        int n = Math.min(most, count - from);
        double[] labels = new double[n];
        long[] ids = new long[n];
        int start = from;
        PanelFeatures x =
            PanelFeatures.of(
                n,
                features,
                i -> {
                  double[] row = new double[features];
                  Arrays.setAll(row, j -> 3.46 * (random.nextDouble() - 0.5));
                  labels[i] = label(row, rule, random);
                  if (random.nextDouble() < noise) {
                    labels[i] = random.nextInt(classes);
                  }
                  ids[i] = ((long) partition << 32) + start + i;
                  return row;
                });
        blocks.add(
            new Block(ids, x, labels)
                .withGroups(
                    noise > 0 ? null : IntStream.range(0, n).map(i -> i % FOLDS).toArray()));
      }
      return blocks.toArray(Block[]::new);
    }

    private double label(double[] row, double[] rule, SplittableRandom random) {
      double best = Double.NEGATIVE_INFINITY;
      int label = 0;
      for (int k = 0; k < classes; k++) {
        double score = 2 * random.nextDouble();
        for (int j = 0; j < Math.min(20, features); j++) {
          score += rule[20 * k + j] * row[j];
        }
        if (score > best) {
          best = score;
          label = k;
        }
      }
      return label;
    }

    PartitionedData make(JavaSparkContext context) {
      Shape shape = this;
      JavaRDD<PartitionData> rdd =
          context
              .parallelize(IntStream.range(0, partitions).boxed().toList(), partitions)
              .map(shape::partition)
              .persist(StorageLevel.MEMORY_ONLY());
      rdd.count();
      return new PartitionedData(rdd, Map.of(Part.TRAIN, (long) rows, Part.UPPER, (long) TRUSTED));
    }
  }

  /** Prints a line for each curvature and round. */
  public static void main(String[] args) {
    Shape shape =
        new Shape(
            Integer.parseInt(args[1]),
            Integer.parseInt(args[2]),
            Integer.parseInt(args[3]),
            Integer.parseInt(args[4]));
    int iterations = Integer.parseInt(args[5]);
    SparkConf conf =
        new SparkConf()
            .setMaster(System.getProperty("master", "local[2]"))
            .setAppName("curvatures")
            .set("spark.ui.enabled", "false");
    try (JavaSparkContext context = new JavaSparkContext(conf)) {
      context.setLogLevel("ERROR");
      boolean cleans = args[0].equals("clean");
      PartitionedData small =
          new Shape(Math.min(shape.rows, 20_000), shape.features, shape.classes, shape.partitions)
              .make(context);
      for (String word : args[7].split(",", -1)) {
        run(context, small, shape, cleans, curvature(word), 6);
      }
      small.rdd().unpersist();
      PartitionedData data = shape.make(context);
      System.out.println(shape + ": " + shape.choice(cleans));
      for (int round = 0; round < Integer.parseInt(args[6]); round++) {
        for (String word : args[7].split(",", -1)) {
          System.out.println(run(context, data, shape, cleans, curvature(word), iterations));
        }
      }
    }
  }

  private static Curvature curvature(String word) {
    return Curvature.valueOf(word.toUpperCase(Locale.ROOT).replace('-', '_'));
  }

  private static String run(
      JavaSparkContext context,
      PartitionedData data,
      Shape shape,
      boolean cleans,
      Curvature curvature,
      int iterations) {
    List<IterationRecord> records = new ArrayList<>();
    List<long[]> times = new ArrayList<>();
    long start = System.nanoTime();
    try (SparkEngine engine = new SparkEngine(context, data, 10)) {
      String found =
          cleans
              ? clean(engine, data, shape, curvature, iterations, records, times)
              : tune(engine, data, shape, curvature, iterations, records, times);
      double total = (System.nanoTime() - start) / 1e9;
      return String.format(
          Locale.ROOT,
          "%-10s an iteration %8.4f s, %8.4f CPU s, %6.2f s all, %s, %s passes %s",
          curvature.label(),
          median(times, 0),
          median(times, 1),
          total,
          found,
          engine.ledger().entries().size(),
          medians(engine.ledger()));
    }
  }

  /** Wall time and the CPU time of the process, which other programs disturb less. */
  private static long[] now() {
    var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    return new long[] {System.nanoTime(), system.getProcessCpuTime()};
  }

  private static double median(List<long[]> times, int clock) {
    return IntStream.range(1, times.size())
        .mapToDouble(i -> (times.get(i)[clock] - times.get(i - 1)[clock]) / 1e9)
        .sorted()
        .skip((times.size() - 1) / 2)
        .findFirst()
        .orElse(Double.NaN);
  }

  private static Map<String, String> medians(PassLedger ledger) {
    Map<String, List<Double>> millis = new TreeMap<>();
    for (PassLedger.Entry entry : ledger.entries()) {
      if (entry.phase() == PassLedger.Phase.OUTER) {
        millis
            .computeIfAbsent(entry.name() + " " + entry.kernels(), name -> new ArrayList<>())
            .add(entry.millis());
      }
    }
    Map<String, String> medians = new TreeMap<>();
    millis.forEach(
        (name, all) ->
            medians.put(
                name,
                String.format(
                    Locale.ROOT,
                    "%d x %.1f ms",
                    all.size(),
                    all.stream().sorted().skip(all.size() / 2).findFirst().orElse(0.0))));
    return medians;
  }

  private static String clean(
      SparkEngine engine,
      PartitionedData data,
      Shape shape,
      Curvature curvature,
      int iterations,
      List<IterationRecord> records,
      List<long[]> times) {
    LinearModel model = shape.model();
    BilevelProblem problem =
        new BilevelProblem(
            model,
            new WeightFunction(WeightFunction.ALL_SCORES, 0),
            Penalty.fixed(model, 0.01, false));
    NboSettings nbo =
        NboSettings.of(curvature)
            .withIterations(iterations)
            .withPatience(0)
            .withFactorRefresh(20)
            .withRows(0.5, -10, 10)
            .rotating(new NboSettings.Rotation(FOLDS, 5));
    CleaningSettings settings =
        CleaningSettings.of(problem, nbo).from(new double[4], -10, 10).withSeed(1);
    new Cleaning(
            settings,
            engine,
            data.rows().get(Part.TRAIN),
            record -> {
              times.add(now());
              records.add(record);
            })
        .learn();
    IterationRecord last = records.get(records.size() - 1);
    return "F %.6f, held out %.6f"
        .formatted(last.figures().upper().loss(), last.figures().heldOut().loss());
  }

  private static String tune(
      SparkEngine engine,
      PartitionedData data,
      Shape shape,
      Curvature curvature,
      int evaluations,
      List<IterationRecord> records,
      List<long[]> times) {
    LinearModel model = shape.model();
    BilevelProblem problem =
        new BilevelProblem(model, Penalty.tuned(model, Penalty.Sharing.PER_FEATURE, false));
    double[] lambda = new double[problem.sharedSize()];
    Arrays.fill(lambda, Math.log(0.01));
    double[] low = new double[lambda.length];
    Arrays.fill(low, Math.log(1e-10));
    double[] high = new double[lambda.length];
    Arrays.fill(high, Math.log(1e4));
    NboSettings nbo =
        NboSettings.of(curvature).withIterations(evaluations).withPatience(5).withFactorRefresh(10);
    TuningResult result =
        new Tuning(
                TuningSettings.of(problem, nbo).from(lambda, low, high),
                engine,
                data.rows().get(Part.TRAIN),
                record -> {
                  times.add(now());
                  records.add(record);
                })
            .run();
    return "F %.6f, %d evaluations, %d products"
        .formatted(result.best().upperObjective(), result.evaluations(), result.products());
  }
}
