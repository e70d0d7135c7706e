package io.github.sparkbilevel.bench;

import io.github.sparkbilevel.bilevel.IterationRecord;
import io.github.sparkbilevel.data.PreparedTables;
import io.github.sparkbilevel.data.SplitSpec;
import io.github.sparkbilevel.data.TableSpec;
import io.github.sparkbilevel.ml.CleaningRun;
import io.github.sparkbilevel.ml.DataCleaner;
import io.github.sparkbilevel.ml.prepare.RunListener;
import java.io.File;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.bytedeco.javacpp.Pointer;

/**
 * What a run of many iterations leaves behind: memory, files and caches at every tenth of it, and
 * how long its iterations take. All of it must stay flat.
 *
 * <p>Arguments: the upper variable, the number of iterations, the folder of the checkpoints. 2,000
 * rows of 20 features on 4 partitions, {@code local[2]}, a checkpoint every 10 iterations.
 */
public final class LongRun implements RunListener {
  private static final int TENTHS = 10;

  private final SparkSession spark;
  private final int iterations;
  private long lastNanos = System.nanoTime();

  private LongRun(SparkSession spark, int iterations) {
    this.spark = spark;
    this.iterations = iterations;
  }

  /** Runs, and prints a line for each tenth. */
  public static void main(String[] args) throws IOException {
    try (SparkSession spark =
        SparkSession.builder()
            .master("local[2]")
            .appName("long run")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.host", "localhost")
            .config("spark.sql.shuffle.partitions", "2")
            // Spark's own books, which grow to 1,000 jobs and stages and 100,000 tasks and stay
            // there.
            .config("spark.ui.retainedJobs", "20")
            .config("spark.ui.retainedStages", "20")
            .config("spark.ui.retainedTasks", "100")
            .getOrCreate()) {
      spark.sparkContext().setLogLevel("ERROR");
      spark.sparkContext().setCheckpointDir(args[2] + "/lineage");
      LongRun listener = new LongRun(spark, Integer.parseInt(args[1]));
      DataCleaner cleaner =
          new DataCleaner()
              .setUpperVariables(new String[] {args[0]})
              .setMaxIter(listener.iterations)
              .setPatience(listener.iterations)
              .setNumPartitions(4)
              .setBaselines(new String[0])
              .setCheckpointPath(args[2] + "/run");
      System.out.println(
          "tenth iteration  s/iteration  heap MB  off-heap MB  native MB  resident MB  files"
              + "  cached RDDs  threads  checkpoint files");
      try (CleaningRun run = cleaner.run(tables(spark), listener)) {
        System.out.println("passes: " + run.engine().ledger().passes());
        run.removeCheckpoints();
      }
      listener.line("after", listener.iterations, 0);
    }
  }

  private static PreparedTables tables(SparkSession spark) {
    Random random = new Random(1);
    List<Row> train = new ArrayList<>();
    List<Row> trusted = new ArrayList<>();
    for (int i = 0; i < 2300; i++) {
      double[] x = random.doubles(20, -1, 1).toArray();
      int label = x[0] + 0.2 * random.nextGaussian() > 0.3 ? 2 : x[1] > 0 ? 1 : 0;
      boolean wrong = i >= 300 && random.nextInt(3) == 0;
      Row row =
          RowFactory.create((long) i, (wrong ? (label + 1) % 3 : label) + ".0", Vectors.dense(x));
      (i < 300 ? trusted : train).add(row);
    }
    StructType schema =
        new StructType()
            .add("id", DataTypes.LongType)
            .add("label", DataTypes.StringType)
            .add("features", SQLDataTypes.VectorType());
    Dataset<Row> rows = spark.createDataFrame(train, schema);
    return PreparedTables.load(
        spark,
        new PreparedTables.Request(
            table("the training data"),
            SplitSpec.table(table("the trusted data")),
            null,
            null,
            42,
            true),
        new PreparedTables.Given(rows, spark.createDataFrame(trusted, schema), null, false));
  }

  private static TableSpec table(String origin) {
    return TableSpec.of(origin)
        .withFormat(TableSpec.DATASET)
        .withId("id")
        .withFeatures(List.of("features"));
  }

  @Override
  public void iteration(IterationRecord record) {
    int each = iterations / TENTHS;
    if (record.iteration() > 0 && record.iteration() % each == 0) {
      double seconds = (System.nanoTime() - lastNanos) / 1e9 / each;
      line(Integer.toString(record.iteration() / each), record.iteration(), seconds);
    }
    if (record.iteration() % each == 0) {
      lastNanos = System.nanoTime();
    }
  }

  private void line(String tenth, int iteration, double seconds) {
    try {
      // Twice, with time for Spark's cleaner to free what became unreachable.
      for (int i = 0; i < 2; i++) {
        System.gc();
        Thread.sleep(500);
      }
      Runtime heap = Runtime.getRuntime();
      long direct = 0;
      for (BufferPoolMXBean pool : ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)) {
        direct += pool.getMemoryUsed();
      }
      System.out.printf(
          Locale.ROOT,
          "%5s %9d  %11.4f  %7.1f  %11.1f  %9.1f  %11.1f  %5d  %11d  %7d  %16d%n",
          tenth,
          iteration,
          seconds,
          (heap.totalMemory() - heap.freeMemory()) / 1e6,
          direct / 1e6,
          Pointer.totalBytes() / 1e6,
          Pointer.physicalBytes() / 1e6,
          count(Path.of("/proc/self/fd")),
          spark.sparkContext().getPersistentRDDs().size(),
          Thread.activeCount(),
          files(new File(URI.create(spark.sparkContext().getCheckpointDir().get()))));
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static long count(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.count();
    }
  }

  /** Files below a folder; others may go while they are counted. */
  private static long files(File folder) {
    long count = 0;
    File[] entries = folder.listFiles();
    for (File entry : entries == null ? new File[0] : entries) {
      count += entry.isDirectory() ? files(entry) : 1;
    }
    return count;
  }
}
