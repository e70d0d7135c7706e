package io.github.sparkbilevel.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.Script;
import io.github.sparkbilevel.StandaloneCluster;
import io.github.sparkbilevel.job.run.JobNumbers;
import io.github.sparkbilevel.spark.TestSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A process that is ended again and again, at random moments, and started again each time: the
 * files of the job that was let alone.
 */
@Tag("faults")
class DriverKilledTest {
  private static final int ITERATIONS = 200;
  private static final String JOB =
      JobNumbers.JOB.replace(
          "solver.iterations = 3",
          "solver.iterations = %1$d\nsolver.patience = %1$d".formatted(ITERATIONS));
  private static final Pattern GOES_ON = Pattern.compile("goes on after iteration (\\d+)");
  private static final Pattern PROGRESS = Pattern.compile("iteration (\\d+)/.*");

  /** Java says so as soon as it runs. */
  private static final String BEGUN = "incubator";

  @TempDir Path folder;

  /** What became of the ends that were tried. */
  private final List<String> ends = new ArrayList<>();

  /** The iteration that the last start was to go on from, and the last one that was seen. */
  private int lastSaved = -1;

  private int lastSeen;

  /** A start takes minutes where much else runs, and there are a dozen. */
  @Timeout(value = 60, unit = TimeUnit.MINUTES)
  @ParameterizedTest
  @CsvSource({"weight-function, 1, 10", "example-weights, 2, 10"})
  void theDriverIsEndedAgainAndAgain(String variable, long seed, int kills) throws IOException {
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
      while (!done && ends.size() < kills) {
        done = startAndEnd(random, kills - ends.size());
      }
      if (!done) {
        done = ended(start().await(), true);
      }
      System.out.println(variable + ": " + ends);
      assertTrue(done, ends::toString);
      assertTrue(ends.stream().filter(end -> end.startsWith("SIG")).count() >= kills - 2);
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

  /**
   * Starts the job and ends it by SIGKILL or SIGTERM; true when it was done before. The moments lie
   * anywhere between the start of Java and the last iteration, so that all kills find their run
   * still going.
   *
   * @param left the kills that are still to come, this one among them
   */
  private boolean startAndEnd(Random random, int left) {
    Script.Running running = start();
    boolean early = random.nextInt(4) == 0;
    int from = Math.max(0, lastSeen);
    int until = from + random.nextInt(1 + 2 * (ITERATIONS - from) / (left + 1));
    long later = random.nextInt(early ? 5_000 : 100);
    boolean gently = random.nextInt(3) == 0;
    try {
      StandaloneCluster.await(
          () -> !running.process().isAlive() || has(running.told(), early, until), "a moment");
      long moment = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(later);
      // Where a start is quick, the whole run would be over before a late moment of it.
      while (System.nanoTime() < moment && !(early && has(running.told(), false, until))) {
        Thread.sleep(10);
      }
    } catch (InterruptedException | IllegalStateException e) {
      running.kill();
      throw new IllegalStateException(String.join("\n", running.told()), e);
    }
    // The script waits for its driver, or has become it; a driver may have children itself, which
    // change the permissions of a file.
    ProcessHandle script = running.process().toHandle();
    ProcessHandle driver =
        Stream.concat(Stream.of(script), script.descendants())
            .filter(process -> process.info().command().orElse("").endsWith("java"))
            .findFirst()
            .orElse(script);
    if (gently) {
      driver.destroy();
    } else {
      driver.destroyForcibly();
    }
    return ended(running.await(), gently);
  }

  private static boolean has(List<String> told, boolean early, int until) {
    return early
        ? told.stream().anyMatch(line -> line.contains(BEGUN))
        : last(told.stream(), PROGRESS) >= until;
  }

  private boolean ended(Script.Ended ended, boolean gently) {
    int from = last(ended.err().stream().filter(line -> !line.contains("again")), GOES_ON);
    // Who was ended before it read the checkpoints has not said where it goes on.
    if (from >= 0) {
      assertTrue(from >= lastSaved, () -> "went on before " + lastSaved + ": " + ended);
      lastSaved = from;
    }
    lastSeen = Math.max(lastSeen, last(ended.err().stream(), PROGRESS));
    String at = " from %d at %d".formatted(from, last(ended.err().stream(), PROGRESS));
    if (ended.code() == 0) {
      ends.add("done" + at);
      return true;
    }
    ends.add((gently ? "SIGTERM" : "SIGKILL") + at);
    assertEquals(gently ? 143 : 137, ended.code(), ended::toString);
    if (Files.exists(folder.resolve("killed"))) {
      return true; // It came too late: the outputs were in place.
    }
    if (gently) {
      Stream<String> promises = ended.err().stream().filter(line -> line.contains("again"));
      lastSaved = Math.max(lastSaved, last(promises, GOES_ON));
    }
    return false;
  }

  /** The iteration that the last of the lines names, or −1. */
  private static int last(Stream<String> lines, Pattern pattern) {
    int iteration = -1;
    for (Matcher matcher : lines.map(pattern::matcher).toList()) {
      while (matcher.find()) {
        iteration = Integer.parseInt(matcher.group(1));
      }
    }
    return iteration;
  }
}
