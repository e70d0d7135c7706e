package io.github.sparkbilevel.job.clean;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.sparkbilevel.job.ExitCode;
import io.github.sparkbilevel.job.JobRuns;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The job {@code clean} on images with a backdoor, and on classes with a long tail. */
class BackdoorJobTest {
  private static final String JOB =
      """
      job = clean
      data {
        train { path = "datasets/digits.csv", label = target, limit = 1200 }
        validation { rows = 100 }
        test { rows = 300 }
        corrupt { kind = backdoor, fraction = 0.05 }
      }
      model { family = softmax, shape = [8, 8, 1] }
      solver.iterations = 10
      baselines = [noisy, trusted, cleaned]
      """;

  @TempDir Path folder;
  private JobRuns jobs;

  @BeforeEach
  void open() {
    jobs = JobRuns.inSharedSession(folder);
  }

  @AfterEach
  void close() {
    jobs.close();
  }

  @Test
  void theAttackTurnsAModelOfAllRowsAndPoisonedRowsAreFound() throws IOException {
    jobs.run(JOB).assertDone();
    JsonNode summary = jobs.json("out/summary.json");
    // 5 % of 800 rows, with a standard deviation of 6.
    assertEquals(40, summary.at("/detection/bad").asDouble(), 25);
    double noisy = summary.at("/baselines/noisy/attackSuccess").asDouble();
    double trusted = summary.at("/baselines/trusted/attackSuccess").asDouble();
    assertTrue(noisy > 0.9, () -> "noisy " + noisy);
    assertTrue(trusted < 0.5, () -> "trusted " + trusted);
    JsonNode selected = summary.at("/baselines/" + summary.path("selected").asText());
    assertEquals(selected.path("attackSuccess"), summary.at("/metrics/attackSuccess"));
    assertTrue(summary.at("/baselines/bilevel").has("attackSuccess"));
    assertTrue(jobs.read("out/report.html").contains("attack success"));
  }

  @Test
  void withoutTestRowsThereIsNoAttack() throws IOException {
    jobs.run(JOB, "data.test=null", "data.corrupt.target=7", "solver.iterations=2").assertDone();
    JsonNode summary = jobs.json("out/summary.json");
    assertFalse(summary.path("metrics").has("attackSuccess"));
    assertTrue(summary.path("detection").has("auroc"));
  }

  @Test
  void imagesOfAnotherSizeAndUnknownTargetsAreRefused() {
    jobs.run(JOB, "model.shape=[7, 9, 1]").assertFailed(ExitCode.CONFIG.code(), "63", "64");
    jobs.run(JOB, "model.shape=[]").assertFailed(ExitCode.CONFIG.code(), "model.shape = []");
    jobs.run(JOB, "data.corrupt.target=ten").assertFailed(ExitCode.CONFIG.code(), "target = ten");
  }

  @Test
  void aLongTailLeavesLabelsRight() throws IOException {
    jobs.run(
            JOB,
            "data.corrupt.kind=long-tail",
            "data.corrupt.fraction=0",
            "data.corrupt.factor=10",
            "solver.iterations=2")
        .assertDone();
    JsonNode summary = jobs.json("out/summary.json");
    assertFalse(summary.has("detection"));
    // The mean of 10^(−r/9) over ten classes is .39.
    assertEquals(0.39 * 800, summary.at("/rows/train").asDouble(), 60);
    assertEquals(
        1, summary.findValuesAsText("code").stream().filter("classes-thinned"::equals).count());
  }
}
