package io.github.sparkbilevel.spark.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.Script;
import io.github.sparkbilevel.TestProblems.Data;
import io.github.sparkbilevel.backend.Accelerator;
import io.github.sparkbilevel.backend.DenseBackend;
import io.github.sparkbilevel.backend.DenseBackends;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.problem.PartitionState;
import io.github.sparkbilevel.problem.pass.Pass;
import io.github.sparkbilevel.problem.pass.PassOutput;
import io.github.sparkbilevel.spark.CleaningRuns;
import io.github.sparkbilevel.spark.Device;
import io.github.sparkbilevel.spark.GpuClusterTest;
import io.github.sparkbilevel.spark.Placement;
import io.github.sparkbilevel.spark.SparkEngine;
import io.github.sparkbilevel.spark.TestSpark;
import io.github.sparkbilevel.spark.rows.PartitionedData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What can be told of GPUs without a cluster; the rest is in {@link GpuClusterTest}. */
class GpuSlotTest {
  private static final LinearModel MODEL = CleaningRuns.data().model();

  private static final String SCRIPT = "conf/gpu-discovery.sh";

  @TempDir Path folder;

  @Test
  void anAcceleratorIsBoundToItsThreadWhileTheWorkLasts() {
    assertEquals(Optional.empty(), Accelerator.address());
    String inside =
        Accelerator.with(
            "0",
            () ->
                Accelerator.address().orElse("")
                    + Accelerator.with("1", () -> Accelerator.address().orElse(""))
                    + Accelerator.address().orElse(""));
    assertEquals("010", inside);
    assertThrows(
        IllegalStateException.class,
        () ->
            Accelerator.with(
                "0",
                () -> {
                  throw new IllegalStateException("it fails");
                }));
    assertEquals(Optional.empty(), Accelerator.address());
    assertThrows(IllegalArgumentException.class, () -> Accelerator.with(" ", () -> 1));
  }

  /** Who computes products on a thread with that accelerator, or with none. */
  private static DenseBackend backend(String address) {
    return address == null
        ? DenseBackends.forColumns(1)
        : Accelerator.with(address, () -> DenseBackends.forColumns(1));
  }

  private static Placement placement(Device device, String backend) {
    return new Placement(device, backend, Accelerator.MEMORY_SHARE);
  }

  @Test
  void withoutGpusDevicesAreTheCpuOrRefused() {
    JavaSparkContext context = TestSpark.context();
    assertEquals(Optional.of("cuda"), DenseBackends.accelerated("auto"));
    assertEquals(Optional.empty(), DenseBackends.accelerated("netlib"));
    assertEquals("netlib", backend(null).name());
    try (PartitionedData blocks = CleaningRuns.partitioned(context, CleaningRuns.data(), 2);
        SparkEngine engine = new SparkEngine(context, blocks, 100)) {
      for (Device device : List.of(Device.AUTO, Device.CPU)) {
        Placement cpu = placement(device, "auto");
        assertEquals("auto", cpu.products());
        assertEquals(engine, cpu.place(engine, MODEL));
      }
      assertEquals("cuda", placement(Device.GPU, "auto").products());
      String missing = refused(engine, "auto");
      assertTrue(missing.contains(GpuSlot.DRIVER_AMOUNT), missing);
      String message = refused(engine, "netlib");
      for (String part :
          List.of(
              "device = gpu",
              GpuSlot.EXECUTOR_AMOUNT,
              GpuSlot.TASK_AMOUNT,
              GpuSlot.SCRIPT,
              "device = cpu")) {
        assertTrue(message.contains(part), message);
      }
      assertEquals(0, engine.ledger().passes());
    }
  }

  private static String refused(SparkEngine engine, String backend) {
    Placement gpu = placement(Device.GPU, backend);
    return assertThrows(IllegalArgumentException.class, () -> gpu.place(engine, MODEL))
        .getMessage();
  }

  @Test
  void thereIsNoGpuOutsideOfTasks() {
    assertThrows(IllegalStateException.class, GpuSlot::ofTask);
  }

  @Test
  void aDriverWithoutGpusIsRefusedByALocalMaster() {
    JavaSparkContext context = TestSpark.context();
    String message =
        assertThrows(IllegalArgumentException.class, () -> GpuSlot.requireEverywhere(context))
            .getMessage();
    for (String setting :
        List.of(
            GpuSlot.DRIVER_AMOUNT,
            GpuSlot.DRIVER_SCRIPT,
            GpuSlot.EXECUTOR_AMOUNT,
            GpuSlot.TASK_AMOUNT,
            GpuSlot.SCRIPT)) {
      assertTrue(message.contains(setting), message);
    }
  }

  /** Sums, at the number of its partition, the address of the accelerator that is bound. */
  private record AddressPass() implements Pass<PartitionState, PartitionState> {
    @Override
    public String name() {
      return "address";
    }

    @Override
    public String kernels() {
      return "none";
    }

    @Override
    public long bytes() {
      return 0;
    }

    @Override
    public PassOutput<PartitionState> apply(PartitionData data, PartitionState input) {
      double[] sums = new double[3];
      sums[TaskContext.getPartitionId()] =
          Accelerator.address().map(Double::parseDouble).orElse(-1.0);
      return new PassOutput<>(null, sums);
    }
  }

  @Test
  void tasksOfALocalMasterShareTheGpusOfTheDriver() throws IOException {
    Path script = folder.resolve("discover.sh");
    Files.writeString(
        script, "#!/bin/sh\necho '{\"name\": \"gpu\", \"addresses\": [\"4\", \"6\"]}'\n");
    assertTrue(script.toFile().setExecutable(true));
    System.setProperty(GpuSlot.DRIVER_AMOUNT, "2");
    System.setProperty(GpuSlot.DRIVER_SCRIPT, script.toString());
    try {
      JavaSparkContext context =
          JavaSparkContext.fromSparkContext(TestSpark.fresh("local[2]").sparkContext());
      Data data = CleaningRuns.data();
      try (PartitionedData blocks = CleaningRuns.partitioned(context, data, 3);
          SparkEngine engine = new SparkEngine(context, blocks, 100)) {
        AddressPass pass = new AddressPass();
        assertEquals(List.of(-1.0, -1.0, -1.0), list(engine.run(pass, null, false).sums()));
        engine.onGpus(Accelerator.MEMORY_SHARE);
        assertEquals(List.of(4.0, 6.0, 4.0), list(engine.run(pass, null, false).sums()));
      }
    } finally {
      System.clearProperty(GpuSlot.DRIVER_AMOUNT);
      System.clearProperty(GpuSlot.DRIVER_SCRIPT);
      TestSpark.stop();
    }
  }

  private static List<Double> list(double[] numbers) {
    return java.util.Arrays.stream(numbers).boxed().toList();
  }

  private Script.Ended discover(String nvidiaSmi, Map<String, String> environment)
      throws IOException {
    Path command = Files.createDirectories(folder.resolve("bin")).resolve("nvidia-smi");
    Files.writeString(command, "#!/bin/sh\n" + nvidiaSmi + "\n");
    assertTrue(command.toFile().setExecutable(true));
    Map<String, String> all = new java.util.HashMap<>(environment);
    all.put("PATH", command.getParent() + ":" + System.getenv("PATH"));
    return Script.run(folder, all, SCRIPT);
  }

  @Test
  void discoveryPrintsWhatSparkReads() throws IOException {
    String three = "printf '0\\n1\\n2\\n'";
    assertEquals(
        List.of("{\"name\": \"gpu\", \"addresses\": [\"0\", \"1\", \"2\"]}"),
        discover(three, Map.of()).assertDone().out());
    assertEquals(
        List.of("{\"name\": \"gpu\", \"addresses\": [\"0\", \"2\"]}"),
        discover(three, Map.of("GPU_DISCOVERY_ONLY", "2, 0")).assertDone().out());
  }

  @Test
  void discoveryThatFindsNothingFailsInOneSentence() throws IOException {
    Script.Ended none = discover("printf '0\\n'", Map.of("GPU_DISCOVERY_ONLY", "1"));
    assertEquals(1, none.code());
    assertTrue(none.err().get(0).contains("GPU_DISCOVERY_ONLY=1"), none::toString);
    Script.Ended broken = discover("echo 'no devices were found' >&2; exit 6", Map.of());
    assertEquals(1, broken.code());
    assertTrue(broken.err().get(1).contains("nvidia-smi failed"), broken::toString);
    assertEquals(List.of(), broken.out());
  }
}
