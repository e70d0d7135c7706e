package io.github.sparkbilevel.spark;

import io.github.sparkbilevel.TestProblems.Data;
import io.github.sparkbilevel.bilevel.CleaningSettings;
import io.github.sparkbilevel.bilevel.Curvature;
import io.github.sparkbilevel.bilevel.IterationRecord;
import io.github.sparkbilevel.spark.CleaningRuns.Upper;
import io.github.sparkbilevel.spark.rows.PartitionedData;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * The program of a process of its own: one run on a small cluster, and the same once more with an
 * executor killed in the middle. Writes the numbers of both as one serialized list.
 */
final class ClusterRun {
  private static final int ITERATIONS = 4;
  private static final int PARTITIONS = 3;

  private ClusterRun() {}

  public static void main(String[] args) throws IOException {
    Path out = Path.of(args[0]);
    Path marker = Path.of(args[1]);
    SparkConf conf =
        new SparkConf()
            .setMaster("local-cluster[2,1,1024]")
            .setAppName("spark-bilevel cluster test")
            .set("spark.ui.enabled", "false")
            .set("spark.driver.host", "127.0.0.1")
            .set("spark.executor.extraJavaOptions", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
            .set("spark.executor.extraClassPath", System.getProperty("java.class.path"))
            .set("spark.executorEnv.OMP_NUM_THREADS", "1")
            // An executor that is gone does not come back: no use in asking it again.
            .set("spark.shuffle.io.maxRetries", "1")
            .set("spark.shuffle.io.retryWait", "100ms");
    try (JavaSparkContext context = new JavaSparkContext(conf)) {
      List<Map<String, double[]>> runs = new ArrayList<>();
      runs.add(new LinkedHashMap<>(run(context, CleaningRuns.SILENT)));
      runs.add(new LinkedHashMap<>(run(context, record -> maybeKill(context, record, marker))));
      try (ObjectOutputStream stream = new ObjectOutputStream(Files.newOutputStream(out))) {
        stream.writeObject(runs);
      }
    }
  }

  /** The run that is compared. */
  static Map<String, double[]> run(JavaSparkContext context, Consumer<IterationRecord> listener) {
    Data data = CleaningRuns.data();
    CleaningSettings settings =
        CleaningRuns.settings(data, Upper.EXAMPLE_WEIGHTS_AND_L2, Curvature.CG, false, ITERATIONS);
    try (PartitionedData blocks = CleaningRuns.partitioned(context, data, PARTITIONS)) {
      return CleaningRuns.onSpark(context, blocks, 10, settings, data.train().count(), listener);
    }
  }

  private static void maybeKill(JavaSparkContext context, IterationRecord record, Path marker) {
    if (record.iteration() == 2) {
      String path = marker.toString();
      context.parallelize(List.of(1, 2, 3, 4), 4).foreach(row -> haltOnce(path));
    }
  }

  /** Ends the executor of the first task that comes here. */
  private static void haltOnce(String marker) {
    try {
      Files.createFile(Path.of(marker));
      Runtime.getRuntime().halt(7);
    } catch (java.nio.file.FileAlreadyExistsException e) {
      // It was done.
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
