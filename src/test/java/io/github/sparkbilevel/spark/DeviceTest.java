package io.github.sparkbilevel.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.ChildJvm;
import io.github.sparkbilevel.backend.DenseBackend;
import io.github.sparkbilevel.spark.gpu.GpuSlot;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which device a run takes when there is a backend for GPUs, with GPUs that are made up. */
class DeviceTest {
  @TempDir Path folder;

  @BeforeEach
  void aBackendForGpus() throws IOException {
    Path services = Files.createDirectories(folder.resolve("services/META-INF/services"));
    Files.writeString(
        services.resolve(DenseBackend.class.getName()), RecordingBackend.class.getName() + "\n");
    Files.createDirectories(folder.resolve("records"));
  }

  /** What the process says of each device and backend. */
  private List<String> run(boolean gpus, String... devices) throws Exception {
    List<String> command = ChildJvm.command();
    if (gpus) {
      Path script = folder.resolve("discover.sh");
      Files.writeString(
          script, "#!/bin/sh\necho '{\"name\": \"gpu\", \"addresses\": [\"4\", \"6\"]}'\n");
      assertTrue(script.toFile().setExecutable(true));
      command.add("-D%s=2".formatted(GpuSlot.DRIVER_AMOUNT));
      command.add("-D%s=%s".formatted(GpuSlot.DRIVER_SCRIPT, script));
    }
    command.addAll(
        List.of(
            "-cp",
            folder.resolve("services") + ":" + System.getProperty("java.class.path"),
            DeviceRun.class.getName()));
    command.addAll(List.of(devices));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put(RecordingBackend.FOLDER, folder.resolve("records").toString());
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), said);
    return said.lines().filter(line -> line.startsWith("device ")).toList();
  }

  @Test
  void gpusAreTakenWhereTheyWereAskedForOrBothAreThere() throws Exception {
    assertEquals(
        List.of(
            "device auto, backend auto: [driver on 4, driver on 6]",
            "device gpu, backend auto: [driver on 4, driver on 6]",
            "device gpu, backend recording: [driver on 4, driver on 6]",
            "device cpu, backend auto: []",
            "device auto, backend jvm: []"),
        run(true, "auto", "auto", "gpu", "auto", "gpu", "recording", "cpu", "auto", "auto", "jvm"));
  }

  @Test
  void whatSparkDoesNotGiveIsTheCpuOrRefused() throws Exception {
    List<String> lines = run(false, "auto", "auto", "gpu", "auto", "gpu", "jvm");
    assertEquals("device auto, backend auto: []", lines.get(0));
    for (String part :
        List.of("refused: GPUs were asked for", GpuSlot.EXECUTOR_AMOUNT, GpuSlot.TASK_AMOUNT)) {
      assertTrue(lines.get(1).contains(part), lines::toString);
    }
    for (String part :
        List.of("the backend jvm does not compute on a GPU", GpuSlot.TASK_AMOUNT, "device = cpu")) {
      assertTrue(lines.get(2).contains(part), lines::toString);
    }
  }
}
