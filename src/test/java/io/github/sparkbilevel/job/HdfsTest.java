package io.github.sparkbilevel.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.HdfsProcess;
import io.github.sparkbilevel.Script;
import io.github.sparkbilevel.StandaloneCluster;
import io.github.sparkbilevel.job.run.JobNumbers;
import io.github.sparkbilevel.spark.TestSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalInt;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.FileSystem;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Rows, outputs and checkpoints on an HDFS, and what becomes of a job when it or HDFS is killed.
 */
@Tag("faults")
class HdfsTest {
  private static final String JOB =
      JobNumbers.JOB.replace(
          "solver.iterations = 3",
          "solver.iterations = 40\nsolver.patience = 40\nupper.variable = example-weights");

  /** From here on there are checkpoints to go on from. */
  private static final int MOMENT = 8;

  private static final int INTERVAL = 2;
  private static final Pattern GOES_ON = Pattern.compile("goes on after iteration (\\d+)");

  @TempDir static Path folder;
  private static JobNumbers undisturbed;
  private static HdfsProcess hdfs;

  @BeforeAll
  static void start() throws IOException {
    TestSpark.stop();
    try (JobRuns jobs = new JobRuns(folder)) {
      jobs.run(JOB).assertDone();
      undisturbed = JobNumbers.of(folder.resolve("out"));
    }
    hdfs = HdfsProcess.start(folder.resolve("hdfs"));
    try (FileSystem files = hdfs.files()) {
      Path digits = Path.of("datasets", "digits.csv").toAbsolutePath();
      files.copyFromLocalFile(hadoop(digits.toString()), hadoop("/digits.csv"));
    }
  }

  @AfterAll
  static void stop() {
    if (hdfs != null) {
      hdfs.close();
    }
  }

  private static org.apache.hadoop.fs.Path hadoop(String path) {
    return new org.apache.hadoop.fs.Path(path);
  }

  private static Script.Running submit(String name) throws IOException {
    String there = "\"" + hdfs.uri() + "/" + name;
    Files.writeString(
        folder.resolve(name + ".conf"),
        JOB.replace("datasets/digits.csv", hdfs.uri() + "/digits.csv")
            + "output.path = %s/out\"\n".formatted(there)
            + "checkpoint { path = %s/kept\", interval = %d }\n".formatted(there, INTERVAL));
    return Script.start(folder, Map.of(), "submit.sh", name + ".conf", "--", "--driver-memory=1g");
  }

  private static void awaitMoment(Script.Running job) {
    Pattern there = Pattern.compile("iteration %d/.*".formatted(MOMENT));
    StandaloneCluster.await(
        () ->
            !job.process().isAlive()
                || job.told().stream().anyMatch(line -> there.matcher(line).matches()),
        "iteration " + MOMENT);
    assertTrue(job.process().isAlive(), () -> String.join("\n", job.told()));
  }

  /** Goes on with the job after one of the last checkpoints before the moment. */
  private static void assertGoesOn(String name) throws IOException {
    Script.Ended ended = submit(name).await().assertDone();
    OptionalInt from =
        GOES_ON
            .matcher(String.join("\n", ended.err()))
            .results()
            .mapToInt((MatchResult found) -> Integer.parseInt(found.group(1)))
            .findFirst();
    assertTrue(from.isPresent() && from.getAsInt() >= MOMENT - 2 * INTERVAL, ended::toString);
    try (FileSystem files = hdfs.files()) {
      String out = "/" + name + "/out";
      files.copyToLocalFile(hadoop(out), hadoop(folder.resolve(name).toString()));
      assertEquals(0, files.listStatus(hadoop("/" + name + "/kept")).length);
    }
    undisturbed.assertSame(JobNumbers.of(folder.resolve(name)));
  }

  @Test
  void aDriverThatIsKilledGoesOnFromWhatHdfsHas() throws IOException {
    Script.Running job = submit("driver");
    awaitMoment(job);
    job.kill();
    job.await();
    assertGoesOn("driver");
  }

  @Test
  void anHdfsThatIsKilledCostsTheRunAndNoCheckpoint() throws IOException {
    Script.Running job = submit("nodes");
    awaitMoment(job);
    hdfs.kill();
    Script.Ended ended = job.await();
    ended.assertFailed(1, "127.0.0.1");
    assertFalse(ended.err().stream().anyMatch(line -> line.startsWith("\tat ")), ended::toString);
    hdfs.startAgain();
    assertGoesOn("nodes");
  }
}
