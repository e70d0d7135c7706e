package io.github.sparkbilevel.job;

import io.github.sparkbilevel.TestProblems.Data;
import io.github.sparkbilevel.backend.Accelerator;
import io.github.sparkbilevel.backend.cuda.StandIn;
import io.github.sparkbilevel.bilevel.CleaningSettings;
import io.github.sparkbilevel.bilevel.Curvature;
import io.github.sparkbilevel.block.BlockLayout;
import io.github.sparkbilevel.job.run.JobNumbers;
import io.github.sparkbilevel.problem.oracle.BilevelOracle.Query;
import io.github.sparkbilevel.problem.oracle.BlockOracle;
import io.github.sparkbilevel.problem.oracle.Evaluation;
import io.github.sparkbilevel.spark.CleaningRuns;
import io.github.sparkbilevel.spark.CleaningRuns.Upper;
import io.github.sparkbilevel.spark.Device;
import io.github.sparkbilevel.spark.Placement;
import io.github.sparkbilevel.spark.SparkEngine;
import io.github.sparkbilevel.spark.TestSpark;
import io.github.sparkbilevel.spark.rows.PartitionedData;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Jobs and passes in a process of its own, whose environment may have a driver for GPUs. Spark's
 * settings are system properties.
 *
 * <p>Arguments: a folder, and words. {@code passes:LAYOUT} prints the bytes that each of four
 * passes sent to the GPU, what products with a Hessian sent and got back, and {@code kept} and
 * {@code left}, what is allocated before and after the engine is closed. {@code JOB:DEVICE} runs
 * one of {@link #JOBS} and prints its exit code, its last line, and how many kernels were launched
 * meanwhile; {@code fail:WHAT:CALL} has a call of the driver fail, and {@code repair} ends that.
 */
public final class GpuRun {
  /** What the network and the tuned penalties start from. */
  private static final String DIGITS =
      """
      data {
        train { path = "datasets/digits.csv", label = target, limit = 500 }
        validation { rows = 100 }
        test { rows = 100 }
        partitions = 2
      }
      """;

  /** Sparse rows, which who runs the job has written. */
  private static final String SPARSE =
      """
      data {
        train { path = "sparse.libsvm" }
        validation { rows = 60 }
        test { rows = 60 }
        partitions = 2
      }
      """;

  static final Map<String, String> JOBS =
      Map.of(
          "clean",
          JobNumbers.JOB.replace("iterations = 3", "iterations = 1"),
          "network",
          "job = clean\n"
              + DIGITS
              + """
              model { family = mlp, hidden = [12], activation = tanh, l2 = 1e-2 }
              solver { iterations = 1, training { plain = 1 } }
              baselines = []
              """,
          "tune",
          "job = tune\n"
              + DIGITS
              + """
              upper.variable = l2-per-feature
              solver { curvature = exact, iterations = 2 }
              baselines = []
              """,
          "hypergradient",
          """
          job = hypergradient
          data {
            train { path = "datasets/digits.csv", label = target, limit = 300 }
            validation { fraction = 0.2 }
            partitions = 2
          }
          model { family = softmax, l2 = 0.1 }
          upper { variable = l2-per-feature, initial = -2 }
          hypergradient { methods = [cg, exact], tolerance = 1e-9 }
          """,
          "sparse",
          "job = clean\n"
              + SPARSE
              + """
              solver.iterations = 1
              baselines = []
              """,
          "sparsenetwork",
          "job = clean\n"
              + SPARSE
              + """
              model { family = mlp, hidden = [6], activation = tanh, l2 = 1e-2 }
              solver { iterations = 1, training { plain = 1 } }
              baselines = []
              """,
          "sparsetune",
          "job = tune\n"
              + SPARSE
              + """
              upper.variable = l2-per-feature
              solver { curvature = exact, iterations = 2 }
              baselines = []
              """,
          "convolution",
          "job = clean\n"
              + DIGITS
              + """
              model { family = network, layers = [{conv = {channels = 2, window = 3}}] }
              """);

  private GpuRun() {}

  /** Runs. */
  public static void main(String[] args) throws Exception {
    Optional<StandIn> driver = StandIn.ofProcess();
    JobRuns jobs = JobRuns.inSharedSession(Path.of(args[0]));
    for (int i = 1; i < args.length; i++) {
      String[] words = args[i].split(":");
      switch (words[0]) {
        case "passes" -> passes(driver.orElseThrow(), BlockLayout.valueOf(words[1]));
        case "repair" -> driver.orElseThrow().repair();
        case "fail" -> driver.orElseThrow().fail(words[1], Integer.parseInt(words[2]));
        default -> {
          long before = launches(driver);
          JobRuns.Ended ended =
              jobs.run(
                  JOBS.get(words[0]),
                  "solver.device=" + words[1],
                  "output.path=" + words[0] + "-" + words[1],
                  "output.overwrite=true");
          System.out.printf(
              "%s: %d, %d launches, %d bytes left: %s%n",
              args[i],
              ended.code(),
              launches(driver) - before,
              driver.map(d -> d.counter("bytes")).orElse(0L),
              ended.lastLine());
        }
      }
    }
    TestSpark.stop();
  }

  private static long launches(Optional<StandIn> driver) {
    return driver.map(d -> d.counter("launches")).orElse(0L);
  }

  /** The bytes that each of three products with a Hessian sent to the GPU and got back. */
  private static String products(StandIn driver, Evaluation at) {
    StringBuilder bytes = new StringBuilder();
    for (int pass = 0; pass < 3; pass++) {
      long before = driver.counter("copiedToDevice");
      long beforeBack = driver.counter("copiedToHost");
      at.hessian(0).apply(new double[at.hessian(0).size()]);
      bytes.append(driver.counter("copiedToDevice") - before).append(' ');
      bytes.append(driver.counter("copiedToHost") - beforeBack).append(' ');
    }
    at.release();
    return bytes.toString().strip();
  }

  private static void passes(StandIn driver, BlockLayout layout) {
    JavaSparkContext context = TestSpark.context();
    Data data = CleaningRuns.data();
    CleaningSettings settings =
        CleaningRuns.settings(data, Upper.EXAMPLE_WEIGHTS, Curvature.CG, true, 1, "auto");
    try (PartitionedData blocks = CleaningRuns.partitioned(context, data, 3, layout);
        SparkEngine engine =
            new Placement(Device.GPU, "auto", Accelerator.MEMORY_SHARE)
                .place(new SparkEngine(context, blocks, 100), data.model());
        BlockOracle oracle =
            new BlockOracle(settings.problem(), engine, "auto", data.train().count())) {
      double[] theta = new double[settings.problem().model().size()];
      StringBuilder sent = new StringBuilder();
      for (int pass = 0; pass < 4; pass++) {
        long before = driver.counter("copiedToDevice");
        oracle.evaluate(Query.at(theta, settings.initialLambda())).release();
        sent.append(' ').append(driver.counter("copiedToDevice") - before);
      }
      Query query = Query.at(theta, settings.initialLambda());
      String products = products(driver, oracle.evaluate(query));
      long rows =
          data.train().count()
              + data.upper().count()
              + data.heldOut().count()
              + data.test().count();
      System.out.println("sent:" + sent);
      System.out.println("numbers: " + rows * data.model().features());
      System.out.println("kept: " + driver.counter("bytes"));
      System.out.println("products: " + products);
    }
    System.out.println("left: " + driver.counter("bytes"));
  }
}
