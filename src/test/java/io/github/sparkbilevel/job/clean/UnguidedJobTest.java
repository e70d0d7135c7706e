package io.github.sparkbilevel.job.clean;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.sparkbilevel.job.JobRuns;
import io.github.sparkbilevel.ml.LinearClassifierModel;
import io.github.sparkbilevel.spark.TestSpark;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The job {@code clean} without trusted rows. */
class UnguidedJobTest {
  private static final String DIGITS =
      """
      job = clean
      data {
        train { path = "datasets/digits.csv", label = target }
        test { rows = 400 }
        corrupt { kind = next-class, fraction = 0.4 }
      }
      baselines = [noisy]
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
  void theNoiseModelFindsLabelsThatMovedToTheNextClass() throws IOException {
    jobs.run(DIGITS, "output.softLabels=true").assertDone();
    assertEquals(
        List.of(
            "cleaned",
            "history.jsonl",
            "model",
            "report.html",
            "review",
            "review.html",
            "scores",
            "summary.json"),
        jobs.names("out"));
    JsonNode summary = jobs.json("out/summary.json");
    assertEquals("noiseModel", summary.get("selected").asText());
    assertEquals("em", summary.get("algorithm").asText());
    assertEquals("converged", summary.get("status").asText());
    assertEquals(0, summary.get("iterations").asInt());
    assertEquals(0, summary.at("/rows/validation").asInt());
    assertTrue(summary.at("/metrics/testAccuracy").asDouble() > 0.9, summary::toString);
    assertTrue(summary.at("/detection/auroc").asDouble() > 0.99, summary::toString);
    assertTrue(
        summary.at("/metrics/testAccuracy").asDouble()
            > summary.at("/baselines/noisy/testAccuracy").asDouble() + 0.1);
    List<String> unknown =
        List.of(
            "/upperObjective",
            "/metrics/heldOutLoss",
            "/metrics/heldOutAccuracy",
            "/baselines/noiseModel/heldOutLoss",
            "/baselines/noiseModel/calibratedLoss");
    for (String figure : unknown) {
      assertTrue(summary.at(figure).isNull(), figure);
    }
    assertTrue(summary.get("lambda").isEmpty());
    JsonNode notice = notice(summary, "without-trusted-rows");
    assertEquals(summary.at("/rows/train").asLong(), notice.get("count").asLong());
    assertEquals(1, jobs.jsonLines("out/history.jsonl").size());
    assertScores(summary);
    answersGuideTheNextRun();
  }

  private void answersGuideTheNextRun() throws IOException {
    List<String> rows = jobs.read("out/review/rows.csv").lines().toList();
    assertEquals("id,label,suggestedLabel,probability,weight", rows.get(0));
    assertEquals(101, rows.size());
    StringBuilder answers = new StringBuilder("id,label,weight\n");
    for (String row : rows.subList(1, 101)) {
      String[] cells = row.split(",");
      answers.append("%s,%s,%s%n".formatted(cells[0], cells[2], cells[4]));
    }
    jobs.write("answers.csv", answers.toString());
    jobs.run(
            DIGITS,
            "data.validation.answers=answers.csv",
            "solver.iterations=2",
            "baselines=[]",
            "output.path=next")
        .assertDone();
    assertEquals(100, jobs.json("next/summary.json").at("/rows/validation").asInt());
    assertFalse(jobs.names("next").contains("review.html"));
  }

  private void assertScores(JsonNode summary) {
    Dataset<Row> scores = read("scores");
    assertEquals(summary.at("/rows/train").asLong(), scores.count());
    assertEquals(summary.get("flagged").asLong(), scores.filter("flagged").count());
    assertEquals(scores.count(), scores.filter("weight = quality").count());
    assertEquals(scores.filter("not flagged").count(), read("cleaned").count());
    assertSoftLabels(summary, scores);
    LinearClassifierModel model = LinearClassifierModel.load(jobs.path("out/model").toString());
    assertEquals(64, model.numFeatures());
  }

  private void assertSoftLabels(JsonNode summary, Dataset<Row> scores) {
    List<String> classes = new ArrayList<>();
    summary.get("softLabels").forEach(name -> classes.add(name.asText()));
    Dataset<Row> cleaned = read("cleaned").select("id", "softLabels");
    for (Row row : scores.join(cleaned, "id").collectAsList()) {
      List<Double> soft = row.getList(row.fieldIndex("softLabels"));
      assertEquals(1, soft.stream().mapToDouble(Double::doubleValue).sum(), 1e-12);
      assertEquals(row.<Double>getAs("quality"), soft.get(classes.indexOf(row.getAs("label"))));
    }
  }

  private Dataset<Row> read(String table) {
    return TestSpark.session().read().parquet(jobs.path("out/" + table).toString());
  }

  private static JsonNode notice(JsonNode summary, String code) {
    for (JsonNode notice : summary.get("notices")) {
      if (notice.get("code").asText().equals(code)) {
        return notice;
      }
    }
    throw new AssertionError("no notice " + code + " in " + summary.get("notices"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "upper.variable=weight-function | upper.variable | noise-model",
        "upper.variable=[noise-model, l2] | upper.variable | noise-model",
        "baselines=[noisy, trusted] | baselines | trusted",
        "baselines=[gold-loss-correction] | baselines | gold-loss-correction",
      })
  void whatNeedsTrustedRowsIsRefused(String override, String key, String word) throws IOException {
    jobs.run(DIGITS, override).assertFailed(2, key, word);
    assertFalse(jobs.names(".").contains("out"), "nothing is written");
  }

  @Test
  void labelsOfWhichNothingCanBeLearnedAreNumericalTrouble() {
    StringBuilder csv = new StringBuilder("label,age,size\n");
    for (int i = 0; i < 60; i++) {
      csv.append(i % 3 == 0 ? "red" : "blue").append(',').append(i % 7).append(',');
      csv.append(i % 5 - 2).append("e39\n");
    }
    jobs.write("t.csv", csv.toString());
    jobs.run("job = clean, data { train.path = t.csv, standardize = false }")
        .assertFailed(3, "'size'");
  }
}
