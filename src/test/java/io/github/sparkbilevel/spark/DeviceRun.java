package io.github.sparkbilevel.spark;

import io.github.sparkbilevel.TestProblems.Data;
import io.github.sparkbilevel.backend.Accelerator;
import io.github.sparkbilevel.bilevel.CleaningSettings;
import io.github.sparkbilevel.bilevel.Curvature;
import io.github.sparkbilevel.problem.oracle.BilevelOracle.Query;
import io.github.sparkbilevel.problem.oracle.BlockOracle;
import io.github.sparkbilevel.spark.CleaningRuns.Upper;
import io.github.sparkbilevel.spark.rows.PartitionedData;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Evaluations in a process of its own, whose class path has {@link RecordingBackend} among the
 * services.
 *
 * <p>Arguments: a device and a backend, and again. The Spark settings are system properties. Prints
 * a line for each: on what products were computed, or what was refused.
 */
public final class DeviceRun {
  private DeviceRun() {}

  /** Runs. */
  public static void main(String[] args) throws IOException {
    JavaSparkContext context = TestSpark.context();
    Data data = CleaningRuns.data();
    try (PartitionedData blocks = CleaningRuns.partitioned(context, data, 4)) {
      for (int i = 0; i < args.length; i += 2) {
        String told = evaluate(context, data, blocks, Device.of(args[i]), args[i + 1]);
        System.out.printf("device %s, backend %s: %s%n", args[i], args[i + 1], told);
      }
    }
    context.close();
  }

  private static String evaluate(
      JavaSparkContext context, Data data, PartitionedData blocks, Device device, String backend)
      throws IOException {
    CleaningSettings settings =
        CleaningRuns.settings(data, Upper.EXAMPLE_WEIGHTS, Curvature.CG, true, 1, backend);
    int rows = data.train().count();
    try (SparkEngine engine =
            new Placement(device, backend, Accelerator.MEMORY_SHARE)
                .place(new SparkEngine(context, blocks, 100), data.model());
        BlockOracle oracle = new BlockOracle(settings.problem(), engine, backend, rows)) {
      double[] theta = new double[settings.problem().model().size()];
      oracle.evaluate(Query.at(theta, settings.initialLambda())).release();
      return records().toString();
    } catch (IllegalArgumentException refused) {
      return "refused: " + refused.getMessage();
    }
  }

  /** The executors and accelerators that computed since this was asked last. */
  private static List<String> records() throws IOException {
    File[] files = Path.of(System.getenv(RecordingBackend.FOLDER)).toFile().listFiles();
    for (File file : files) {
      Files.delete(file.toPath());
    }
    return Arrays.stream(files).map(File::getName).sorted().toList();
  }
}
