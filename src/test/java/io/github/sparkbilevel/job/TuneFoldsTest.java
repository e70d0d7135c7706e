package io.github.sparkbilevel.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Cross-validation in the job {@code tune}, and the fit on all rows that follows. */
class TuneFoldsTest {
  private static final String JOB =
      """
      job = tune
      model.family = softmax
      upper.variable = l2-per-feature
      solver.iterations = 4
      data { train { path = train.csv, features = [a, b, c, d, e] }, test { path = test.csv } }
      """;

  @TempDir Path folder;
  private JobRuns jobs;

  @BeforeEach
  void open() {
    jobs = JobRuns.inSharedSession(folder);
    jobs.write("train.csv", TuneSample.of("softmax", 60, 1).csv());
    jobs.write("validation.csv", TuneSample.of("softmax", 30, 2).csv());
    jobs.write("test.csv", TuneSample.of("softmax", 40, 3).csv());
  }

  @AfterEach
  void close() {
    jobs.close();
  }

  private JsonNode summary(String... overrides) throws IOException {
    jobs.run(JOB, overrides).assertDone();
    return jobs.json("out/summary.json");
  }

  @Test
  void tunesByFoldsOfTheTrainingRows() throws IOException {
    JsonNode summary =
        summary("data.validation.folds=4", "baselines=[grid, cross-validation]", "search.points=3");
    assertEquals(4, summary.get("folds").asInt());
    assertEquals(60, summary.at("/refit/rows").asInt());
    assertEquals(0, summary.at("/rows/validation").asInt());
    double loss = summary.get("upperObjective").asDouble();
    assertTrue(loss < summary.get("startObjective").asDouble());
    assertTrue(loss < summary.at("/baselines/grid/upperObjective").asDouble());
    double single = summary.at("/baselines/cross-validation/foldLoss").asDouble();
    assertTrue(single <= summary.at("/baselines/grid/upperObjective").asDouble() + 1e-6);
  }

  @Test
  void leavesOutOneValueOfAColumnAtATime() throws IOException {
    JsonNode summary = summary("data.validation.foldColumn=source", "solver.algorithm=nbo");
    assertEquals(2, summary.get("folds").asInt());
    assertTrue(Double.isFinite(summary.at("/metrics/testLoss").asDouble()));
  }

  @Test
  void fitsOnValidationRowsTooUnlessToldOtherwise() throws IOException {
    String validation = "data.validation.path=validation.csv";
    String alone = "baselines=[]";
    JsonNode all = summary(validation, alone);
    assertEquals(90, all.at("/refit/rows").asInt());
    assertFalse(all.has("judgement"));
    JsonNode train = summary(validation, alone, "output.refit=train", "output.overwrite=true");
    assertFalse(train.has("refit"));
    assertFalse(train.has("judgement"));
    assertEquals(
        all.at("/refit/before/testLoss").asDouble(),
        train.at("/metrics/testLoss").asDouble(),
        1e-6);
    assertNotEquals(
        all.at("/metrics/testLoss").asDouble(), train.at("/metrics/testLoss").asDouble(), 1e-4);
  }

  @Test
  void trainingRowsJudgeOnePenaltyBesideMany() throws IOException {
    JsonNode summary =
        summary("data.validation.path=validation.csv", "baselines=[cross-validation]");
    JsonNode judgement = summary.get("judgement");
    assertEquals(60, judgement.get("rows").asInt());
    double gain = judgement.get("lossByFolds").asDouble() - judgement.get("loss").asDouble();
    boolean many = gain > judgement.get("standardError").asDouble();
    JsonNode baselines = summary.get("baselines");
    String byFolds =
        baselines.at("/cross-validation-by-variance/foldLoss").asDouble()
                < baselines.at("/cross-validation/foldLoss").asDouble()
            ? "cross-validation-by-variance"
            : "cross-validation";
    assertEquals(many ? "tuned" : byFolds, summary.get("selected").asText());
    double one = baselines.at("/" + byFolds + "/refit/testLoss").asDouble();
    assertEquals(!many, one == summary.at("/metrics/testLoss").asDouble());
    // It starts from the one penalty, and has an entry more.
    assertTrue(
        baselines.at("/cross-validation-by-variance/foldLoss").asDouble()
            <= baselines.at("/cross-validation/foldLoss").asDouble());
  }

  @Test
  void twoPenaltiesByVarianceAreTunedByFolds() throws IOException {
    JsonNode summary = summary("data.validation.folds=3", "upper.variable=l2-by-variance");
    assertEquals(2, summary.get("hyperparameters").asInt());
    assertTrue(summary.get("upperObjective").asDouble() < summary.get("startObjective").asDouble());
  }
}
