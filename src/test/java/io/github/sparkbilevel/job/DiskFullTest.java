package io.github.sparkbilevel.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.FullDisk;
import io.github.sparkbilevel.FullDisk.Kind;
import io.github.sparkbilevel.job.run.JobNumbers;
import io.github.sparkbilevel.spark.TestSpark;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A disk that is full: without checkpoints a run goes on, to the same bits; without outputs it ends
 * with one sentence, and nothing is left of it.
 */
class DiskFullTest {
  private static final String CLEAN =
      """
      job = clean
      data {
        train { path = train.csv, label = label, features = [a, b, c, d, e] }
        validation { rows = 40 }
        test { rows = 30 }
        partitions = 2
      }
      solver.iterations = 6
      baselines = [noisy]
      output.format = csv
      """;

  @TempDir Path folder;
  private JobRuns jobs;

  @BeforeEach
  void rows() {
    TestSpark.stop();
    jobs = new JobRuns(folder);
    jobs.write("train.csv", TuneSample.of("softmax", 260, 5).csv());
    System.setProperty("spark.extraListeners", Strike.class.getName());
    System.setProperty(FullDisk.SETTING, FullDisk.CLASS);
    FullDisk.empty();
  }

  @AfterEach
  void close() {
    FullDisk.empty();
    Strike.always(text -> false, () -> {});
    System.clearProperty("spark.extraListeners");
    System.clearProperty(FullDisk.SETTING);
    jobs.close();
  }

  private String onFullDisk(String name) {
    return "full://" + folder.resolve(name);
  }

  /** The disk fills in the second iteration, and has room again in the sixth. */
  @ParameterizedTest
  @CsvSource({
    "weight-function, 0, ERROR",
    "example-weights, 100, ERROR",
    "example-weights, 3000, EXCEPTION"
  })
  void withoutCheckpointsTheRunGoesOnToTheSameBits(String variable, long bytes, Kind kind)
      throws IOException {
    jobs.run(CLEAN, "upper.variable=" + variable).assertDone();
    final JobNumbers expected = JobNumbers.of(folder.resolve("out"));
    Strike.inTurn(
        List.of(
            new Strike.Blow("outer: evaluate .*", () -> {}),
            new Strike.Blow("outer: evaluate .*", () -> FullDisk.leave(bytes, kind)),
            new Strike.Blow("baselines: .*", () -> {})));
    JobRuns.Ended ended =
        jobs.run(
                CLEAN,
                "upper.variable=" + variable,
                "output.overwrite=true",
                "checkpoint.path=" + onFullDisk("kept"),
                "checkpoint.interval=1")
            .assertDone();
    assertEquals(3, Strike.done());
    assertTrue(FullDisk.refused() > 0, "the disk was full");
    assertTrue(
        ended.lines().stream()
            .anyMatch(
                line ->
                    line.matches(
                        "warning: no checkpoint was written after iteration \\d+: No space left on"
                            + " device; the run goes on without")),
        ended.lines()::toString);
    expected.assertSame(JobNumbers.of(folder.resolve("out")));
    assertEquals(List.of(), jobs.names("kept"), "what could be written is removed in the end");
  }

  /** Whatever the place where the outputs stop. */
  @ParameterizedTest
  @CsvSource({
    "0, ERROR",
    "1, EXCEPTION",
    "2000, EXCEPTION",
    "6000, ERROR",
    "20000, ERROR",
    "40000, EXCEPTION"
  })
  void withoutOutputsNothingIsLeft(long bytes, Kind kind) throws IOException {
    FullDisk.leave(bytes, kind);
    jobs.run(CLEAN, "output.path=" + onFullDisk("full")).assertFailed(1, "the disk is full");
    assertTrue(FullDisk.refused() > 0, "the disk was full");
    assertEquals(List.of("job.conf", "train.csv"), jobs.names(""));
  }

  @Test
  void anEarlierOutputStaysWhenTheNextOneFindsNoRoom() throws IOException {
    jobs.run(CLEAN).assertDone();
    final String summary = jobs.read("out/summary.json");
    FullDisk.leave(5_000, Kind.ERROR);
    jobs.run(CLEAN, "output.path=" + onFullDisk("out"), "output.overwrite=true")
        .assertFailed(1, "the disk is full");
    assertEquals(summary, jobs.read("out/summary.json"));
    assertEquals(List.of("job.conf", "out", "train.csv"), jobs.names(""));
  }

  @Test
  void aFolderForCheckpointsWithoutRoomIsRefusedAtTheStart() throws IOException {
    Strike.once(text -> text.startsWith("warm-up"), () -> {});
    FullDisk.leave(0, Kind.ERROR);
    jobs.run(CLEAN, "checkpoint.path=" + onFullDisk("kept"))
        .assertFailed(2, "checkpoint.path = full:", "No space left on device");
    assertEquals(0, Strike.done(), "before any work");
    assertEquals(List.of("job.conf", "kept", "train.csv"), jobs.names(""));
  }
}
