package io.github.sparkbilevel.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.Script;
import io.github.sparkbilevel.StandaloneCluster;
import io.github.sparkbilevel.job.run.JobNumbers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Jobs on a cluster of processes, submitted by submit.sh: the bits of a run in threads. */
@Tag("cluster")
class StandaloneTest {
  private static final String JOB = JobNumbers.JOB;

  @TempDir static Path folder;
  private static StandaloneCluster cluster;
  private static JobNumbers inThreads;

  @BeforeAll
  static void start() throws IOException {
    try (JobRuns jobs = new JobRuns(folder)) {
      jobs.run(JOB).assertDone();
      inThreads = JobNumbers.of(folder.resolve("out"));
    }
    cluster = StandaloneCluster.start(folder.resolve("cluster"), "--spread");
  }

  @AfterAll
  static void stop() {
    if (cluster != null) {
      cluster.close();
      assertTrue(cluster.processes().isEmpty(), "no process is left");
    }
  }

  private static Script.Ended submit(String output, String job, String... options) {
    try {
      Files.writeString(folder.resolve(output + ".conf"), job + "output.path = " + output + "\n");
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    List<String> command = new ArrayList<>(List.of("submit.sh", output + ".conf", "--"));
    command.addAll(List.of("--master", cluster.url(), "--driver-memory", "512m"));
    command.addAll(List.of("--executor-memory", "512m"));
    command.addAll(List.of(options));
    return Script.run(folder, Map.of(), command.toArray(String[]::new));
  }

  @Test
  void aDriverHereGivesTheSameBits() throws IOException {
    submit("here", JOB).assertDone();
    inThreads.assertSame(JobNumbers.of(folder.resolve("here")));
  }

  @Test
  void aDriverInAWorkerGivesTheSameBits() throws IOException {
    submit(
            "inWorker",
            JOB,
            "--deploy-mode",
            "cluster",
            "--conf",
            "spark.standalone.submit.waitAppCompletion=true")
        .assertDone();
    inThreads.assertSame(JobNumbers.of(folder.resolve("inWorker")));
  }

  @Test
  void executorsThatComeAndGoAndCopiesOfTasksGiveTheSameBits() throws IOException {
    submit(
            "dynamic",
            JOB,
            "--conf",
            "spark.dynamicAllocation.enabled=true",
            "--conf",
            "spark.dynamicAllocation.shuffleTracking.enabled=true",
            "--conf",
            "spark.dynamicAllocation.initialExecutors=1",
            "--conf",
            "spark.dynamicAllocation.minExecutors=1",
            "--conf",
            "spark.dynamicAllocation.maxExecutors=2",
            "--conf",
            "spark.dynamicAllocation.executorIdleTimeout=3s",
            "--conf",
            "spark.dynamicAllocation.cachedExecutorIdleTimeout=3s",
            "--executor-cores",
            "1",
            "--conf",
            "spark.speculation=true",
            "--conf",
            "spark.speculation.interval=50ms",
            "--conf",
            "spark.speculation.multiplier=1.1",
            "--conf",
            "spark.speculation.minTaskRuntime=10ms")
        .assertDone();
    inThreads.assertSame(JobNumbers.of(folder.resolve("dynamic")));
  }

  @Test
  void aJobThatIsRefusedEndsWithItsCodeAndLeavesNothing() {
    String wrong = JOB.replace("label = target", "label = nowhere");
    submit("refused", wrong).assertFailed(3, "nowhere");
    assertFalse(Files.exists(folder.resolve("refused")));
    // A worker does not tell spark-submit how its driver ended: what is written does.
    submit(
            "refusedInWorker",
            wrong,
            "--deploy-mode",
            "cluster",
            "--conf",
            "spark.standalone.submit.waitAppCompletion=true")
        .assertDone();
    assertFalse(Files.exists(folder.resolve("refusedInWorker")));
  }

  @Test
  void everyPortIsOnALoopbackAddress() throws IOException {
    List<String> listening = cluster.listening();
    assertTrue(listening.size() >= 4, "ports and web pages: " + listening);
    assertTrue(
        listening.stream().allMatch(address -> address.startsWith("127.")), listening::toString);
    assertTrue(
        listening.contains(cluster.url().substring("spark://".length())), listening::toString);
  }

  @Test
  void aSecondStartIsRefusedAndHarmsNothing() {
    String port = cluster.url().substring(cluster.url().lastIndexOf(':') + 1);
    String[] there = {StandaloneCluster.SCRIPT, "start", "--folder", cluster.folder().toString()};
    Script.run(folder, Map.of(), there).assertFailed(1, "runs in", "already", "--folder");
    Path other = folder.resolve("other");
    Script.run(
            folder,
            Map.of(),
            StandaloneCluster.SCRIPT,
            "start",
            "--folder",
            other.toString(),
            "--port",
            port)
        .assertFailed(1, "taken", "--port");
    assertTrue(StandaloneCluster.processes(other).isEmpty(), "what did not start is stopped");
    String[] status = {StandaloneCluster.SCRIPT, "status", "--folder", cluster.folder().toString()};
    Script.Ended running = Script.run(folder, Map.of(), status).assertDone();
    assertEquals(List.of(cluster.url()), running.out());
  }

  @Test
  void aWorkerThatCannotStartIsToldAndNothingIsLeft() {
    Path other = folder.resolve("bad");
    Script.run(
            folder,
            Map.of(),
            StandaloneCluster.SCRIPT,
            "start",
            "--folder",
            other.toString(),
            "--port",
            "0",
            "--conf",
            "spark.worker.resource.gpu.amount=1")
        .assertFailed(1, "worker-1", other.resolve("worker-1.log").toString());
    assertTrue(StandaloneCluster.processes(other).isEmpty(), "what did start is stopped");
    Script.Ended status =
        Script.run(
            folder, Map.of(), StandaloneCluster.SCRIPT, "status", "--folder", other.toString());
    assertEquals(1, status.code());
  }
}
