package io.github.sparkbilevel.spark;

import io.github.sparkbilevel.TestProblems.Data;
import io.github.sparkbilevel.bilevel.Curvature;
import io.github.sparkbilevel.spark.CleaningRuns.Upper;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * A run in a process of its own, whose class path may hold a backend for GPUs.
 *
 * <p>Arguments: device, backend. The Spark settings are system properties. Prints the number of
 * passes, or what was refused.
 */
public final class DeviceRun {
  private DeviceRun() {}

  /** Runs. */
  public static void main(String[] args) {
    JavaSparkContext context = TestSpark.context();
    Data data = CleaningRuns.data();
    try (PartitionedData blocks = CleaningRuns.partitioned(context, data, 4);
        SparkEngine engine = new SparkEngine(context, blocks, 100)) {
      CleaningRuns.run(
          Device.of(args[0]).place(engine, args[1]),
          CleaningRuns.settings(data, Upper.WEIGHT_FUNCTION, Curvature.CG, true, 1, args[1]),
          data.train().count(),
          CleaningRuns.SILENT);
      System.out.println("passes: " + engine.ledger().passes());
    } catch (IllegalArgumentException refused) {
      System.out.println("refused: " + refused.getMessage());
    }
    context.close();
  }
}
