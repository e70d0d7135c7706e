package io.github.sparkbilevel.job.clean;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.sparkbilevel.job.ExitCode;
import io.github.sparkbilevel.job.JobRuns;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The job {@code clean} where a user's model judges, and by which metric a model is chosen. */
class JudgingJobTest {
  private static final String JOB =
      """
      job = clean
      data {
        train { path = "rows.csv", label = label, id = id, probabilities = [p_a, p_b, p_c] }
        validation { rows = 60 }
        test { rows = 60 }
        columns = none
        corrupt { kind = next-class, fraction = 0.3 }
      }
      solver.iterations = 3
      baselines = [noisy, confident-learning]
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

  /** Three classes, and probabilities that know them. */
  private static String rows() {
    Random random = new Random(3);
    StringBuilder text = new StringBuilder("id,x,y,p_a,p_b,p_c,label\n");
    for (int i = 0; i < 300; i++) {
      int k = i % 3;
      double[] p = {0.1, 0.1, 0.1};
      p[k] = 0.8;
      text.append(
          String.format(
              Locale.ROOT,
              "%d,%.3f,%.3f,%s,%s,%s,%s%n",
              i,
              k + 0.5 * random.nextGaussian(),
              (k == 1 ? 2 : 0) + 0.5 * random.nextGaussian(),
              p[0],
              p[1],
              p[2],
              "abc".charAt(k)));
    }
    return text.toString();
  }

  @Test
  void ownProbabilitiesJudgeAndRecallIsTold() throws IOException {
    jobs.write("rows.csv", rows());
    jobs.run(JOB, "selection.metric=balancedAccuracy").assertDone();
    JsonNode summary = jobs.json("out/summary.json");
    assertEquals(2, summary.path("features").asInt());
    assertEquals(1, summary.at("/baselines/confidentLearning/auroc").asDouble(), 1e-12);
    assertTrue(summary.path("lambda").has("given log-odds"));
    assertEquals("balancedAccuracy", summary.path("selectionMetric").asText());
    double mean = 0;
    for (String k : new String[] {"a", "b", "c"}) {
      mean += summary.at("/recall/" + k + "/test").asDouble() / 3;
      assertTrue(summary.at("/recall/" + k + "/heldOut").isNumber());
    }
    assertEquals(summary.at("/metrics/testAccuracy").asDouble(), mean, 0.05);
    assertTrue(jobs.read("out/report.html").contains("Recall by class"));
  }

  /** A blank makes features of all columns, but not of these. */
  @Test
  void probabilitiesStayWhereColumnsAreMixed() throws IOException {
    jobs.write("rows.csv", rows().replaceFirst("\n7,([^,]*),", "\n7,,"));
    jobs.run(JOB.replace("columns = none", ""), "baselines=[]").assertDone();
    JsonNode summary = jobs.json("out/summary.json");
    assertTrue(summary.path("lambda").has("given log-odds"));
    for (JsonNode column : summary.path("columns")) {
      assertTrue(List.of("x", "y").contains(column.path("name").asText()), column::toString);
    }
    assertEquals(2, summary.path("columns").size());
  }

  @Test
  void misuseEndsWithTheCodeOfItsKind() {
    jobs.write("rows.csv", rows());
    jobs.run(JOB, "selection.metric=auc").assertFailed(ExitCode.CONFIG.code(), "selection.metric");
    jobs.run(JOB, "selection.metric=acuracy")
        .assertFailed(ExitCode.CONFIG.code(), "selection.metric", "accuracy");
    jobs.run(JOB, "data.train.probabilities=[p_a, p_b]").assertFailed(ExitCode.DATA.code(), "p_a");
    jobs.run(JOB, "data.train.probabilities=[p_b, p_a, p_c]")
        .assertFailed(ExitCode.CONFIG.code(), "data.train.probabilities", "p_a, p_b, p_c");
    jobs.run(JOB, "data.train.probabilities=[p_a, p_b, q]")
        .assertFailed(ExitCode.DATA.code(), "'q'", "data.train.probabilities");
    jobs.write("rows.csv", rows().replaceFirst("\\n7,([^,]*),([^,]*),[^,]*,", "\n7,$1,$2,,"));
    jobs.run(JOB).assertFailed(ExitCode.DATA.code(), "'7'", "'p_a'");
  }
}
