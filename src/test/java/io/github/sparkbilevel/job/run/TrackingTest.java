package io.github.sparkbilevel.job.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.sparkbilevel.job.JobRuns;
import io.github.sparkbilevel.ml.tracking.FakeMlflow;
import io.github.sparkbilevel.ml.tracking.FakeMlflow.Point;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What jobs tell an MLflow server. */
class TrackingTest {
  private static final String CLEAN =
      """
      job = clean
      data {
        train { path = "datasets/digits.csv", label = target, limit = 200 }
        validation { rows = 60 }
        test { rows = 40 }
      }
      solver.iterations = 2
      baselines = [noisy]
      """;

  private static final String HYPERGRADIENT =
      """
      job = hypergradient
      data {
        train { path = "datasets/digits.csv", label = target, limit = 100 }
        validation { rows = 40 }
      }
      model.l2 = 1
      hypergradient { methods = [cg], tolerance = 1e-4 }
      """;

  @TempDir Path folder;
  private JobRuns jobs;
  private FakeMlflow server;

  @BeforeEach
  void open() throws IOException {
    jobs = new JobRuns(folder);
    server = new FakeMlflow();
  }

  @AfterEach
  void close() {
    server.close();
    jobs.close();
  }

  private String uri() {
    return "mlflow.uri=\"" + server.uri() + "\"";
  }

  @Test
  void aJobIsARunWithItsKeysItsIterationsAndItsSummary() throws IOException {
    jobs.run(CLEAN, uri(), "mlflow.experiment=digits").assertDone();
    JsonNode summary = jobs.json("out/summary.json");
    assertEquals("digits", server.experiment());
    assertEquals("FINISHED", server.status());
    assertEquals("clean", server.tags().get("job"));
    assertEquals("clean " + server.tags().get("run"), server.runName());
    assertEquals(jobs.path("out").toString(), server.tags().get("output.path"));
    assertEquals("2", server.parameters().get("solver.iterations"));
    assertEquals("\"target\"", server.parameters().get("data.train.label"));
    List<JsonNode> history = jobs.jsonLines("out/history.jsonl");
    List<Point> steps = server.metric("upperObjective");
    assertEquals(history.size(), steps.size());
    for (int i = 0; i < history.size(); i++) {
      JsonNode line = history.get(i);
      assertEquals(line.get("iteration").asLong(), steps.get(i).step());
      assertEquals(line.get("upperObjective").asDouble(), steps.get(i).value(), 1e-12);
    }
    assertEquals(
        List.of(new Point(0, summary.at("/metrics/testAccuracy").asDouble())),
        server.metric("summary.metrics.testAccuracy"));
  }

  @Test
  void aJobWithoutOneOuterLoopTellsItsSummary() throws IOException {
    jobs.run(HYPERGRADIENT, uri()).assertDone();
    assertEquals("spark-bilevel", server.experiment());
    assertEquals("FINISHED", server.status());
    assertEquals(List.of(), server.metric("upperObjective"));
    assertEquals(1, server.metric("summary.rows.train").size());
  }

  @Test
  void aJobThatFailsSaysSoThereToo() throws IOException {
    jobs.run(CLEAN, uri(), "data.train.label=nobody").assertFailed(3, "nobody");
    assertEquals("FAILED", server.status());
    assertTrue(server.tags().get("error").contains("nobody"), () -> server.tags().toString());
  }

  @Test
  void aServerThatFailsAtTheEndIsAWarning() throws IOException {
    server.failOn("runs/update");
    JobRuns.Ended ended = jobs.run(CLEAN, uri()).assertDone();
    long warnings =
        ended.lines().stream().filter(line -> line.contains("is told nothing more")).count();
    assertEquals(1, warnings, () -> String.join("\n", ended.lines()));
    assertTrue(jobs.names("out").contains("summary.json"));
  }

  @Test
  void wrongAddressesAreRefusedAndPasswordsNotTold() throws IOException {
    jobs.run(CLEAN, "mlflow.uri=\"localhost:5000\"").assertFailed(2, "mlflow.uri = localhost:5000");
    jobs.run(CLEAN, uri(), "mlflow.experiment=\"\"").assertFailed(2, "mlflow.experiment = \"\"");
    jobs.run(CLEAN, uri(), "mlflow.experiment=\" \"").assertFailed(2, "mlflow.experiment");
    String nobody = "mlflow.uri=\"http://no-such-host.invalid:1\"";
    jobs.run(CLEAN, nobody).assertFailed(2, "mlflow.uri = http://no-such-host.invalid:1");
    JobRuns.Ended ended = jobs.run(CLEAN, "mlflow.uri=\"http://me:hidden@host:1\"", "--verbose");
    assertEquals(2, ended.code(), ended::lastLine);
    assertTrue(ended.lastLine().contains("MLFLOW_TRACKING_PASSWORD"), ended::lastLine);
    assertEquals(List.of("job.conf"), jobs.names(""));
    for (String line : ended.lines()) {
      assertFalse(line.contains("hidden"), line);
    }
  }
}
