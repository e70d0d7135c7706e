package io.github.sparkbilevel.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.Script;
import io.github.sparkbilevel.StandaloneCluster;
import io.github.sparkbilevel.TestProblems.Data;
import io.github.sparkbilevel.backend.Accelerator;
import io.github.sparkbilevel.backend.DenseBackend;
import io.github.sparkbilevel.backend.cuda.StandIn;
import io.github.sparkbilevel.bilevel.Curvature;
import io.github.sparkbilevel.spark.CleaningRuns.Upper;
import io.github.sparkbilevel.spark.gpu.GpuSlot;
import io.github.sparkbilevel.spark.rows.PartitionedData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkException;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** GPUs that are made up, on workers that are processes of their own. */
@Tag("cluster")
public class GpuClusterTest {
  private static final Map<String, String> ONE_EACH =
      Map.of(GpuSlot.EXECUTOR_AMOUNT, "1", GpuSlot.TASK_AMOUNT, "1");

  @TempDir Path folder;
  private final Data data = CleaningRuns.data();

  @BeforeEach
  void noOtherContext() {
    TestSpark.stop();
  }

  /** Makes up an nvidia-smi that lists GPUs, and gives the environment that finds it. */
  private Map<String, String> machineWith(String... gpus) throws IOException {
    Path command = Files.createDirectories(folder.resolve("bin")).resolve("nvidia-smi");
    Files.writeString(command, "#!/bin/sh\nprintf '" + String.join("\\n", gpus) + "\\n'\n");
    assertTrue(command.toFile().setExecutable(true));
    return Map.of("PATH", command.getParent() + ":" + System.getenv("PATH"));
  }

  private JavaSparkContext context(StandaloneCluster cluster, Map<String, String> settings)
      throws IOException {
    Path services = Files.createDirectories(folder.resolve("services/META-INF/services"));
    Files.writeString(
        services.resolve(DenseBackend.class.getName()), RecordingBackend.class.getName() + "\n");
    return context(
        cluster,
        folder.resolve("services") + ":" + System.getProperty("java.class.path"),
        settings);
  }

  private JavaSparkContext context(
      StandaloneCluster cluster, String classPath, Map<String, String> settings)
      throws IOException {
    SparkConf conf =
        new SparkConf()
            .setMaster(cluster.url())
            .setAppName("spark-bilevel GPUs")
            .set("spark.ui.enabled", "false")
            .set("spark.driver.host", "127.0.0.1")
            .set("spark.executor.memory", "512m")
            .set("spark.executor.cores", "1")
            .set("spark.executor.extraClassPath", classPath)
            .set("spark.executorEnv.OMP_NUM_THREADS", "1")
            .set("spark.executorEnv." + RecordingBackend.FOLDER, records().toString());
    settings.forEach(conf::set);
    JavaSparkContext context = new JavaSparkContext(conf);
    context.setLogLevel("OFF");
    StandaloneCluster.await(
        () -> context.sc().statusTracker().getExecutorInfos().length == 3, "two executors");
    return context;
  }

  private Path records() throws IOException {
    return Files.createDirectories(folder.resolve("records"));
  }

  private Map<String, double[]> run(JavaSparkContext context, String backend, boolean gpus) {
    try (PartitionedData blocks = CleaningRuns.partitioned(context, data, 4);
        SparkEngine engine = new SparkEngine(context, blocks, 100)) {
      return CleaningRuns.run(
          gpus ? engine.onGpus(Accelerator.MEMORY_SHARE) : engine,
          CleaningRuns.settings(data, Upper.WEIGHT_FUNCTION, Curvature.CG, true, 2, backend),
          data.train().count(),
          CleaningRuns.SILENT);
    }
  }

  @Test
  void everyExecutorComputesOnTheGpuThatItWasGiven() throws IOException {
    Map<String, double[]> withGpus;
    try (StandaloneCluster cluster =
        StandaloneCluster.start(
            folder.resolve("cluster"), machineWith("3", "5", "7"), "--gpus", "1")) {
      try (JavaSparkContext context = context(cluster, ONE_EACH)) {
        withGpus = run(context, RecordingBackend.NAME, true);
      }
    }
    try (Stream<Path> files = Files.list(records())) {
      TreeSet<String> told = new TreeSet<>(files.map(f -> f.getFileName().toString()).toList());
      assertEquals(2, told.size(), told::toString);
      TreeSet<String> gpus = new TreeSet<>(told.stream().map(t -> t.split(" on ")[1]).toList());
      assertEquals(new TreeSet<>(List.of("3", "5")), gpus);
    }
    CleaningRuns.assertSameBits(run(TestSpark.context(), "jvm", false), withGpus);
  }

  /** Two tasks at a time share the GPU of each executor; its driver is a stand-in. */
  @TestFactory
  Stream<DynamicTest> kernelsOnExecutors() {
    return StandIn.tests(
        List.of(DynamicTest.dynamicTest("two executors", this::executorsGiveTheResultsOfTheCpu)));
  }

  private void executorsGiveTheResultsOfTheCpu() throws IOException {
    Map<String, String> settings =
        Map.of(
            GpuSlot.EXECUTOR_AMOUNT,
            "1",
            GpuSlot.TASK_AMOUNT,
            "0.5",
            "spark.executorEnv.LD_LIBRARY_PATH",
            StandIn.folder().toString());
    Map<String, double[]> onGpus;
    try (StandaloneCluster cluster =
        StandaloneCluster.start(folder.resolve("cluster"), machineWith("0", "1"), "--gpus", "1")) {
      try (JavaSparkContext context =
          context(cluster, System.getProperty("java.class.path"), settings)) {
        assertEquals(Optional.empty(), GpuSlot.missingDriver(context, "cuda"));
        onGpus = run(context, "auto", true);
      }
    }
    Map<String, double[]> expected = run(TestSpark.context(), "auto", false);
    assertEquals(expected.keySet(), onGpus.keySet());
    // Fits end at a tolerance, which rounding in another order may reach elsewhere.
    expected.forEach((name, values) -> assertArrayEquals(values, onGpus.get(name), 1e-5, name));
  }

  @Test
  void moreGpusThanThereAreAreRefused() throws IOException {
    Path none = Files.createDirectories(folder.resolve("none"));
    Script.run(
            folder,
            machineWith("0", "1", "2"),
            StandaloneCluster.SCRIPT,
            "start",
            "--folder",
            none.toString(),
            "--gpus",
            "2")
        .assertFailed(1, "need 4", "has 3");
    assertTrue(StandaloneCluster.processes(none).isEmpty());
  }

  @Test
  void oneGpuForTwoExecutorsIsRefused() throws IOException {
    Path script = folder.resolve("discover.sh");
    Files.writeString(script, "#!/bin/sh\necho '{\"name\": \"gpu\", \"addresses\": [\"0\"]}'\n");
    assertTrue(script.toFile().setExecutable(true));
    try (StandaloneCluster cluster =
            StandaloneCluster.start(
                folder.resolve("cluster"),
                "--conf",
                "spark.worker.resource.gpu.amount=1",
                "--conf",
                "spark.worker.resource.gpu.discoveryScript=" + script);
        JavaSparkContext context = context(cluster, ONE_EACH);
        PartitionedData blocks = CleaningRuns.partitioned(context, data, 4);
        SparkEngine engine = new SparkEngine(context, blocks, 100)) {
      String message = onGpusFails(engine);
      for (String part :
          List.of("GPU 0", "executor 0", "executor 1", "on one machine", "GPU_DISCOVERY_ONLY")) {
        assertTrue(message.contains(part), message);
      }
    }
  }

  @Test
  void gpusThatWereNotAskedForAreAnErrorThatNamesTheSettings() throws IOException {
    try (StandaloneCluster cluster = StandaloneCluster.start(folder.resolve("cluster"));
        JavaSparkContext context = context(cluster, Map.of());
        PartitionedData blocks = CleaningRuns.partitioned(context, data, 4);
        SparkEngine engine = new SparkEngine(context, blocks, 100)) {
      assertNamesTheSettings(onGpusFails(engine));
      assertNamesTheSettings(
          assertThrows(
                  SparkException.class,
                  () ->
                      context
                          .parallelize(List.of(1), 1)
                          .map(number -> GpuSlot.ofTask().address())
                          .collect())
              .getMessage());
    }
  }

  private static String onGpusFails(SparkEngine engine) {
    return assertThrows(
            IllegalArgumentException.class, () -> engine.onGpus(Accelerator.MEMORY_SHARE))
        .getMessage();
  }

  private static void assertNamesTheSettings(String message) {
    for (String setting : List.of(GpuSlot.EXECUTOR_AMOUNT, GpuSlot.TASK_AMOUNT, GpuSlot.SCRIPT)) {
      assertTrue(message.contains(setting), message);
    }
  }
}
