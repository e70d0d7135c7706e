package io.github.sparkbilevel.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.ChildJvm;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A cluster of two executors, each a process of its own. */
class ClusterTest {
  private static final long SECONDS = 180;

  @Test
  void clusterAgreesWithThreadsAndSurvivesTheLossOfAnExecutor(@TempDir Path folder)
      throws Exception {
    List<Map<String, double[]>> runs = clusterRuns(folder);
    assertTrue(Files.exists(folder.resolve("killed")), "an executor was killed");
    CleaningRuns.assertSameBits(runs.get(0), runs.get(1));
    Map<String, double[]> threads = ClusterRun.run(TestSpark.context(), CleaningRuns.SILENT);
    CleaningRuns.assertAgree(threads, runs.get(0));
  }

  /** Workers look for Spark's home, but find all classes on the class path. */
  private static List<Map<String, double[]>> clusterRuns(Path folder) throws Exception {
    Path home = Files.createDirectories(folder.resolve("home"));
    Files.createDirectories(home.resolve("jars"));
    Path out = folder.resolve("runs");
    Path log = folder.resolve("log.txt");
    ProcessBuilder builder = new ProcessBuilder(command(out, folder.resolve("killed")));
    builder.environment().put("SPARK_HOME", home.toString());
    builder.environment().put("SPARK_SCALA_VERSION", "2.13");
    builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
    builder.environment().put("OMP_NUM_THREADS", "1");
    Process process =
        builder
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      assertTrue(process.waitFor(SECONDS, TimeUnit.SECONDS), () -> "it hangs:\n" + read(log));
      assertEquals(0, process.exitValue(), () -> read(log));
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
    try (ObjectInputStream stream = new ObjectInputStream(Files.newInputStream(out))) {
      @SuppressWarnings("unchecked")
      List<Map<String, double[]>> runs = (List<Map<String, double[]>>) stream.readObject();
      return runs;
    }
  }

  private static List<String> command(Path out, Path marker) {
    List<String> command = ChildJvm.command();
    command.addAll(
        List.of(
            "-Xmx512m",
            "-cp",
            System.getProperty("java.class.path"),
            ClusterRun.class.getName(),
            out.toString(),
            marker.toString()));
    return command;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }
}
