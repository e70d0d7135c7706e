package io.github.sparkbilevel.job.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.Script;
import io.github.sparkbilevel.StandaloneCluster;
import io.github.sparkbilevel.job.DeadlyPlugin;
import io.github.sparkbilevel.job.JobRuns;
import io.github.sparkbilevel.job.Strike;
import io.github.sparkbilevel.spark.TestSpark;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whole jobs on a cluster that loses executors, workers or its master, and jobs that are killed:
 * the files of an undisturbed run, or nothing.
 */
@Tag("faults")
class JobFaultsTest {
  private static final String JOB = JobNumbers.JOB;

  private static final Map<String, String> SETTINGS =
      Map.of(
          "spark.executor.memory", "512m",
          "spark.executor.extraClassPath", System.getProperty("java.class.path"),
          "spark.executorEnv.OMP_NUM_THREADS", "1",
          "spark.extraListeners", Strike.class.getName(),
          // An executor that is gone does not come back: no use in asking it again.
          "spark.shuffle.io.maxRetries", "1",
          "spark.shuffle.io.retryWait", "100ms");

  @TempDir static Path shared;
  private static StandaloneCluster sharedCluster;
  private static JobNumbers undisturbed;

  @TempDir Path folder;
  private JobRuns jobs;

  @BeforeAll
  static void start() throws IOException {
    TestSpark.stop();
    try (JobRuns jobs = new JobRuns(shared)) {
      jobs.run(JOB).assertDone();
      undisturbed = JobNumbers.of(shared.resolve("out"));
    }
    sharedCluster = StandaloneCluster.start(shared.resolve("cluster"));
  }

  @AfterAll
  static void stop() {
    if (sharedCluster != null) {
      sharedCluster.close();
    }
  }

  @BeforeEach
  void prepare() {
    jobs = new JobRuns(folder);
    SETTINGS.forEach(System::setProperty);
  }

  @AfterEach
  void clear() {
    Strike.always(text -> false, () -> {});
    SETTINGS.keySet().forEach(System::clearProperty);
    jobs.close();
  }

  private JobRuns.Ended run(StandaloneCluster cluster, String... overrides) {
    System.setProperty("spark.master", cluster.url());
    return jobs.run(JOB, overrides);
  }

  private void assertUndisturbed(int blows) throws IOException {
    assertEquals(blows, Strike.done(), "it was disturbed so often");
    undisturbed.assertSame(JobNumbers.of(folder.resolve("out")));
    assertEquals(List.of("job.conf", "out"), jobs.names(""));
  }

  /** The executor that has run for longest: it has rows, and most likely a task. */
  private static void killAnExecutor() {
    sharedCluster.children().stream()
        .min(Comparator.comparing(child -> child.info().startInstant().orElse(Instant.MAX)))
        .ifPresent(StandaloneCluster::kill);
  }

  @Timeout(value = 20, unit = TimeUnit.MINUTES)
  @Test
  void anExecutorIsKilledAgainAndAgain() throws IOException {
    List<String> jobs =
        List.of(
            "(?!.*RowWriter).* at .*", // reading and checking, before there are passes
            "warm-up: .*",
            "outer: evaluate .*",
            "outer: Hessian product .*",
            "outer: mixed product .*",
            "polish: .*",
            "baselines: .*",
            ".* at RowWriter.*"); // writing scores and rows
    Strike.inTurn(
        jobs.stream()
            .map(pattern -> new Strike.Blow(pattern, JobFaultsTest::killAnExecutor))
            .toList());
    run(sharedCluster).assertDone();
    assertUndisturbed(jobs.size());
  }

  @Test
  void checkpointsAndTheLossOfAnExecutorChangeNothing() throws IOException {
    String[] overrides = {
      "upper.variable=example-weights", "checkpoint.path=checkpoints", "checkpoint.interval=1"
    };
    System.setProperty("spark.master", "local[2]");
    jobs.run(JOB, overrides).assertDone();
    JobNumbers expected = JobNumbers.of(folder.resolve("out"));
    Strike.once(
        text -> text.matches("outer: Hessian product .*"),
        () -> sharedCluster.children().forEach(StandaloneCluster::kill));
    String[] again = Arrays.copyOf(overrides, overrides.length + 1);
    again[overrides.length] = "output.overwrite=true";
    run(sharedCluster, again).assertDone();
    assertTrue(Strike.done() > 0, "it was disturbed");
    expected.assertSame(JobNumbers.of(folder.resolve("out")));
    assertEquals(List.of(), jobs.names("checkpoints"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(?!.*RowWriter).* at .*", // reading, where lost executors are not wrong data
        "outer: evaluate .*",
        ".* at RowWriter.*" // writing, where they are not a wrong path
      })
  void executorsThatDieWithEveryTaskEndTheJobAndNothingIsWritten(String jobPattern)
      throws IOException {
    Path marker = folder.resolve("deadly");
    System.setProperty("spark.plugins", DeadlyPlugin.class.getName());
    System.setProperty(DeadlyPlugin.MARKER, marker.toString());
    try {
      Strike.once(text -> text.matches(jobPattern), () -> create(marker));
      run(sharedCluster).assertFailed(1, "failed 4 times", "executor");
      assertTrue(Strike.done() > 0, "executors died");
      assertEquals(List.of("deadly", "job.conf"), jobs.names(""));
    } finally {
      System.clearProperty("spark.plugins");
      System.clearProperty(DeadlyPlugin.MARKER);
    }
  }

  private static void create(Path file) {
    try {
      Files.createFile(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** With SIGTERM the driver tidies up; with SIGKILL only its hidden folder tells of it. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void theDriverIsKilled(boolean gently) throws IOException {
    jobs.write(
        "long.conf",
        "output.path = out\n" + JOB + "solver.iterations = 10000\n" + "solver.patience = 10000\n");
    Script.Running running =
        Script.start(
            folder,
            Map.of(),
            "submit.sh",
            "long.conf",
            "--",
            "--master",
            sharedCluster.url(),
            "--driver-memory",
            "512m",
            "--executor-memory",
            "512m");
    try {
      StandaloneCluster.await(
          () -> running.told().stream().anyMatch(line -> line.contains("iteration 2/")),
          "the second iteration");
    } catch (IllegalStateException e) {
      running.kill();
      throw e;
    }
    if (gently) {
      running.process().destroy();
    } else {
      running.process().destroyForcibly();
    }
    Script.Ended ended = running.await();
    assertEquals(gently ? 143 : 137, ended.code(), ended::toString);
    List<String> names = new ArrayList<>(jobs.names(""));
    names.removeIf(name -> name.startsWith("script"));
    List<String> left = names.stream().filter(name -> name.startsWith(".out.partial-")).toList();
    names.removeAll(left);
    assertEquals(List.of("long.conf"), names);
    assertEquals(gently ? 0 : 1, left.size(), left::toString);
    StandaloneCluster.await(() -> sharedCluster.children().isEmpty(), "the end of the executors");
  }

  /**
   * A worker with its executor, then the other one too while a third one joins, then the master:
   * the job goes on with what there is, and waits when there is nothing.
   */
  @Test
  void aClusterFallsApart() throws IOException {
    Path own = shared.resolve("apart");
    try (StandaloneCluster cluster = StandaloneCluster.start(own)) {
      Strike.inTurn(
          List.of(
              new Strike.Blow(
                  "outer: evaluate .*", () -> StandaloneCluster.kill(cluster.worker(1))),
              new Strike.Blow(
                  "outer: mixed product .*",
                  () -> {
                    StandaloneCluster.kill(cluster.worker(2));
                    cluster.join(own.resolve("more"));
                  }),
              new Strike.Blow("polish: .*", () -> StandaloneCluster.kill(cluster.master()))));
      run(cluster).assertDone();
      assertUndisturbed(3);
    }
  }
}
