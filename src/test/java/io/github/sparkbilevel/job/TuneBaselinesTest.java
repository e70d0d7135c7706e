package io.github.sparkbilevel.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.sparkbilevel.ml.LinearClassifierModel;
import io.github.sparkbilevel.spark.TestSpark;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.apache.spark.ml.linalg.Vectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The searches that the job {@code tune} compares itself with. */
class TuneBaselinesTest {
  private static final int POINTS = 4;
  private static final String JOB =
      """
      job = tune
      data { train { path = train.csv }, validation { path = validation.csv } }
      search { points = 4, range = [1e-4, 1e2] }
      output.sensitivity = false
      """;

  @TempDir Path folder;
  private JobRuns jobs;
  private TuneSample train;
  private TuneSample validation;

  @BeforeEach
  void open() {
    jobs = JobRuns.inSharedSession(folder);
  }

  @AfterEach
  void close() {
    jobs.close();
  }

  private void write(String family) {
    train = TuneSample.of(family, 60, 1);
    validation = TuneSample.of(family, 90, 2);
    jobs.write("train.csv", train.csv());
    jobs.write("validation.csv", validation.csv());
  }

  @ParameterizedTest
  @CsvSource({
    "softmax, false, true",
    "logistic, true, false",
    "linear, true, true",
    "linear, false, false"
  })
  void searchesFitTheSameModelAsMllib(String family, boolean standardize, boolean intercept)
      throws IOException {
    write(family);
    jobs.run(
            JOB,
            "model.family=" + family,
            "data.standardize=" + standardize,
            "data.intercept=" + intercept,
            "baselines=[grid, random, mllib]")
        .assertDone();
    JsonNode summary = jobs.json("out/summary.json");
    JsonNode grid = summary.get("baselines").get("grid");
    assertEquals(POINTS, grid.get("trials").asInt());
    assertEquals(POINTS, grid.get("curve").size());
    double least = Double.POSITIVE_INFINITY;
    double before = Double.POSITIVE_INFINITY;
    for (JsonNode point : grid.get("curve")) {
      least = Math.min(least, point.get("upperObjective").asDouble());
      assertTrue(point.get("penalty").asDouble() < before, "from the strongest to the weakest");
      before = point.get("penalty").asDouble();
    }
    assertEquals(1e-4, before, 1e-12);
    assertEquals(least, grid.get("upperObjective").asDouble());
    double end = summary.get("upperObjective").asDouble();
    assertTrue(end <= least, "five penalties do no worse than one");
    assertEquals("tuned", summary.get("selected").asText());
    assertTrue(grid.get("evaluationsToReach").asInt() >= 1);
    if (!standardize && intercept) {
      Map<String, Double> one = Map.of("l2", grid.get("penalty").asDouble());
      assertEquals(train.validationLoss(validation, "l2", one), least, 1e-4 * least);
    }

    JsonNode random = summary.get("baselines").get("random");
    assertEquals(POINTS, random.get("curve").size());
    assertFalse(random.has("penalty"), "each trial has five");

    JsonNode mllib = summary.get("baselines").get("mllib");
    assertEquals(POINTS, mllib.get("losses").size());
    double ours = lossAt(mllib.get("penalty").asDouble(), grid.get("curve"));
    assertEquals(ours, mllib.get("upperObjective").asDouble(), 1e-4 * ours, "one model");
    for (String name : new String[] {"grid", "random", "mllib"}) {
      assertTrue(summary.get("seconds").get(name).asDouble() > 0, name);
    }
    String html = jobs.read("out/report.html");
    assertTrue(html.contains("One penalty for all"), "the grid's curve");
    assertTrue(html.contains("MLlib with the best penalty of its grid"), "a row of the table");
    assertFalse(html.contains("MLlib grid"), "no curve: its losses are of other rows");
  }

  private static double lossAt(double penalty, JsonNode curve) {
    for (JsonNode point : curve) {
      if (Math.abs(Math.log(point.get("penalty").asDouble() / penalty)) < 1e-9) {
        return point.get("upperObjective").asDouble();
      }
    }
    throw new AssertionError("no penalty " + penalty + " in " + curve);
  }

  @Test
  void theModelOfASearchThatDidBetterIsReturned() throws IOException {
    write("softmax");
    jobs.run(
            JOB,
            "data.standardize=false",
            "solver.iterations=1",
            "upper.initial=6",
            "output.refit=train",
            "baselines=[grid]")
        .assertDone();
    JsonNode summary = jobs.json("out/summary.json");
    assertEquals("grid", summary.get("selected").asText());
    JsonNode grid = summary.get("baselines").get("grid");
    assertTrue(
        grid.get("upperObjective").asDouble() < summary.get("upperObjective").asDouble(),
        "one evaluation at e^6 is no match");
    TestSpark.session();
    LinearClassifierModel model = LinearClassifierModel.load(jobs.path("out/model").toString());
    double loss = 0;
    for (int i = 0; i < 90; i++) {
      double p = model.probabilityOf(Vectors.dense(validation.x()[i]), validation.label(i));
      loss -= Math.log(p) / 90;
    }
    assertEquals(grid.get("upperObjective").asDouble(), loss, 1e-9);
    assertEquals(loss, summary.get("metrics").get("validationLoss").asDouble(), 1e-9);
  }

  @Test
  void theSearchesHaveNoPartInWhatIsTuned() throws IOException {
    write("logistic");
    jobs.run(JOB, "model.family=logistic", "baselines=[]").assertDone();
    String alone = jobs.read("out/hyperparameters.csv");
    assertEquals(0, jobs.json("out/summary.json").get("baselines").size());
    jobs.run(JOB, "model.family=logistic", "baselines=[grid, random]", "output.overwrite=true")
        .assertDone();
    assertEquals(alone, jobs.read("out/hyperparameters.csv"));
  }
}
