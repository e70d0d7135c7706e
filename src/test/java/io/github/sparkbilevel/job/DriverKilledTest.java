package io.github.sparkbilevel.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.Script;
import io.github.sparkbilevel.StandaloneCluster;
import io.github.sparkbilevel.spark.TestSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A process that is ended again and again, at random moments, and started again each time: the
 * files of the job that was let alone.
 */
@Tag("faults")
class DriverKilledTest {
  private static final String JOB =
      JobNumbers.JOB.replace(
          "solver.iterations = 3", "solver.iterations = 80\nsolver.patience = 80");
  private static final int KILLS = 4;
  private static final Pattern GOES_ON = Pattern.compile("goes on after iteration (\\d+)");

  @TempDir Path folder;

  /** What became of the ends that were tried. */
  private final List<String> ends = new ArrayList<>();

  private int lastSaved = -1;

  @ParameterizedTest
  @CsvSource({"weight-function, 1", "example-weights, 2"})
  void theDriverIsEndedAgainAndAgain(String variable, long seed) throws IOException {
    TestSpark.stop();
    try (JobRuns jobs = new JobRuns(folder)) {
      jobs.run(JOB, "upper.variable=" + variable).assertDone();
      JobNumbers undisturbed = JobNumbers.of(folder.resolve("out"));
      jobs.write(
          "killed.conf",
          JOB
              + "upper.variable = "
              + variable
              + "\noutput.path = killed\ncheckpoint { path = kept, interval = 5 }\n");
      Random random = new Random(seed);
      boolean done = false;
      while (!done && ends.size() < KILLS) {
        done = startAndEnd(random);
      }
      if (!done) {
        done = ended(start().await(), true);
      }
      System.out.println(variable + ": " + ends);
      assertTrue(done && ends.size() >= 3, ends::toString);
      undisturbed.assertSame(JobNumbers.of(folder.resolve("killed")));
      if (ends.get(ends.size() - 1).startsWith("done")) {
        assertEquals(List.of(), jobs.names("kept"));
      }
    }
  }

  private Script.Running start() {
    return Script.start(
        folder, Map.of(), "submit.sh", "killed.conf", "--", "--driver-memory", "512m");
  }

  /** Starts the job and ends it by SIGKILL or SIGTERM; true when it was done before. */
  private boolean startAndEnd(Random random) {
    Script.Running running = start();
    int iterations = random.nextInt(15);
    long later = random.nextInt(500);
    boolean gently = random.nextInt(3) == 0;
    StandaloneCluster.await(
        () ->
            !running.process().isAlive()
                || running.told().stream().anyMatch(line -> line.contains("incubator"))
                    && running.told().stream().filter(line -> line.contains("iteration ")).count()
                        >= iterations,
        "iterations");
    try {
      Thread.sleep(later);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    // The script waits for its driver, or has become it.
    ProcessHandle driver =
        running.process().descendants().findFirst().orElse(running.process().toHandle());
    if (gently) {
      driver.destroy();
    } else {
      driver.destroyForcibly();
    }
    return ended(running.await(), gently);
  }

  private boolean ended(Script.Ended ended, boolean gently) {
    int from = after(ended.err().stream().filter(line -> !line.contains("again")));
    assertTrue(from >= lastSaved, () -> "went on before " + lastSaved + ": " + ended);
    lastSaved = from;
    if (ended.code() == 0) {
      ends.add("done from " + from);
      return true;
    }
    ends.add((gently ? "SIGTERM" : "SIGKILL") + " from " + from);
    assertEquals(gently ? 143 : 137, ended.code(), ended::toString);
    if (Files.exists(folder.resolve("killed"))) {
      return true; // It came too late: the outputs were in place.
    }
    if (gently) {
      lastSaved = Math.max(from, after(ended.err().stream().filter(l -> l.contains("again"))));
    }
    return false;
  }

  /** The iteration that the last of the lines names, or −1. */
  private static int after(Stream<String> lines) {
    int iteration = -1;
    for (Matcher matcher : lines.map(GOES_ON::matcher).toList()) {
      while (matcher.find()) {
        iteration = Integer.parseInt(matcher.group(1));
      }
    }
    return iteration;
  }
}
