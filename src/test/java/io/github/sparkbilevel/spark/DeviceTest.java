package io.github.sparkbilevel.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.backend.DenseBackend;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
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

  /** What the run says last. */
  private String run(String device, String backend, boolean gpus) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElse("java"));
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(option -> option.startsWith("--add-") || option.startsWith("-Xmx"))
        .forEach(command::add);
    if (gpus) {
      Path script = folder.resolve("discover.sh");
      Files.writeString(
          script, "#!/bin/sh\necho '{\"name\": \"gpu\", \"addresses\": [\"4\", \"6\"]}'\n");
      assertTrue(script.toFile().setExecutable(true));
      command.add("-D%s=2".formatted(GpuSlot.DRIVER_AMOUNT));
      command.add("-D%s=%s".formatted(GpuSlot.DRIVER_SCRIPT, script));
    }
    command.add("-cp");
    command.add(folder.resolve("services") + ":" + System.getProperty("java.class.path"));
    command.addAll(List.of(DeviceRun.class.getName(), device, backend));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put(RecordingBackend.FOLDER, folder.resolve("records").toString());
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), said);
    List<String> lines = said.lines().filter(line -> line.matches("(passes|refused): .*")).toList();
    assertEquals(1, lines.size(), said);
    return lines.get(0);
  }

  /** The executors and accelerators that products were computed on. */
  private List<String> records() throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("records"))) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void autoTakesGpusWhereBothAreThere() throws Exception {
    assertTrue(run("auto", "auto", true).startsWith("passes: "));
    assertEquals(List.of("driver on 4", "driver on 6"), records());
  }

  @Test
  void autoIsTheCpuWhereSparkGivesNoGpusOrAnotherBackendWasChosen() throws Exception {
    assertTrue(run("auto", "auto", false).startsWith("passes: "));
    assertTrue(run("auto", "jvm", true).startsWith("passes: "));
    assertEquals(List.of(), records());
  }

  @Test
  void cpuLeavesGpusAlone() throws Exception {
    assertTrue(run("cpu", "auto", true).startsWith("passes: "));
    assertEquals(List.of(), records());
  }

  @Test
  void gpuIsRefusedWithoutSettingsAndTakesGpusWithThem() throws Exception {
    String refused = run("gpu", "auto", false);
    for (String part :
        List.of("refused: GPUs were asked for", GpuSlot.EXECUTOR_AMOUNT, GpuSlot.TASK_AMOUNT)) {
      assertTrue(refused.contains(part), refused);
    }
    assertEquals(List.of(), records());
    assertTrue(run("gpu", RecordingBackend.NAME, true).startsWith("passes: "));
    assertEquals(List.of("driver on 4", "driver on 6"), records());
  }
}
