package io.github.sparkbilevel.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.Script;
import io.github.sparkbilevel.StandaloneCluster;
import io.github.sparkbilevel.spark.TestSpark;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A process that is killed again and again, at random moments, and started again each time: the
 * files of the job that was let alone.
 */
@Tag("faults")
class DriverKilledTest {
  private static final String JOB =
      JobNumbers.JOB.replace("solver.iterations = 3", "solver.iterations = 12");
  private static final int MOST_STARTS = 40;

  @TempDir Path folder;

  /**
   * The seed says when: before, during or after so many iterations, and some milliseconds later.
   */
  @ParameterizedTest
  @CsvSource({"weight-function, 1", "example-weights, 2"})
  void theDriverIsKilledAgainAndAgain(String variable, long seed) throws IOException {
    TestSpark.stop();
    JobNumbers undisturbed;
    int kills = 0;
    try (JobRuns jobs = new JobRuns(folder)) {
      String[] overrides = {"upper.variable=" + variable};
      jobs.run(JOB, overrides).assertDone();
      undisturbed = JobNumbers.of(folder.resolve("out"));
      jobs.write(
          "killed.conf",
          JOB
              + "upper.variable = "
              + variable
              + "\noutput.path = killed\ncheckpoint { path = kept, interval = 1 }\n");
      Random random = new Random(seed);
      int starts = 0;
      while (startAndKill(random)) {
        kills++;
        assertTrue(++starts < MOST_STARTS, "the job comes to its end");
      }
      undisturbed.assertSame(JobNumbers.of(folder.resolve("killed")));
      assertEquals(List.of(), jobs.names("kept"));
    }
    System.out.printf("%s: killed %d times%n", variable, kills);
    assertTrue(kills >= 4, "it was killed " + kills + " times");
  }

  /** Starts the job and kills it; false when it was done before. */
  private boolean startAndKill(Random random) throws IOException {
    Script.Running running =
        Script.start(folder, Map.of(), "submit.sh", "killed.conf", "--", "--driver-memory", "512m");
    int iterations = random.nextInt(4);
    long later = random.nextInt(600);
    StandaloneCluster.await(
        () ->
            !running.process().isAlive()
                || running.told().stream().filter(line -> line.contains("iteration ")).count()
                    >= iterations,
        "iterations");
    try {
      Thread.sleep(later);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    running.process().descendants().forEach(ProcessHandle::destroyForcibly);
    running.process().destroyForcibly();
    Script.Ended ended = running.await();
    if (ended.code() == 0) {
      return false;
    }
    assertEquals(137, ended.code(), ended::toString);
    return true;
  }
}
