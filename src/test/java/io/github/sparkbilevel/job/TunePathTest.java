package io.github.sparkbilevel.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The regularisation path of the job {@code tune}. */
class TunePathTest {
  private static final String JOB =
      """
      job = tune
      model { family = softmax, l2 = 0.001 }
      upper.variable = l1
      solver.iterations = 4
      output { regularizationPath = 6, sensitivity = false }
      data.train { path = train.csv, features = [a, b, c, d, e] }
      """;

  private static final String VALIDATION = "data.validation.path=validation.csv";
  private static final List<String> COUNTS = List.of("features", "coefficients");

  @TempDir Path folder;
  private JobRuns jobs;

  @BeforeEach
  void open() {
    jobs = JobRuns.inSharedSession(folder);
    jobs.write("train.csv", TuneSample.of("softmax", 60, 1).csv());
    jobs.write("validation.csv", TuneSample.of("softmax", 90, 2).csv());
  }

  @AfterEach
  void close() {
    jobs.close();
  }

  private JsonNode path(String... overrides) throws IOException {
    jobs.run(JOB, overrides).assertDone();
    return jobs.json("out/summary.json").get("regularizationPath");
  }

  private List<String[]> rows(String file) throws IOException {
    return jobs.read("out/path/" + file).lines().map(line -> line.split(",", -1)).toList();
  }

  private static double number(JsonNode of, String name) {
    return of.get(name).asDouble();
  }

  /** What holds of every path; the rule of one standard error from the curve itself. */
  private void assertHolds(JsonNode path) throws IOException {
    JsonNode curve = path.get("curve");
    assertEquals(6, curve.size());
    JsonNode best = curve.get(0);
    List<String[]> losses = rows("losses.csv");
    assertEquals(
        List.of("penalty", "loss", "standardError", "features", "coefficients"),
        List.of(losses.get(0)));
    List<String[]> coefficients = rows("coefficients.csv");
    assertEquals(
        List.of("penalty", "feature", "output", "coefficient"), List.of(coefficients.get(0)));
    for (int i = 0; i < curve.size(); i++) {
      JsonNode point = curve.get(i);
      String penalty = losses.get(i + 1)[0];
      assertEquals(number(point, "penalty"), Double.parseDouble(penalty));
      assertTrue(i == 0 || number(point, "penalty") < number(curve.get(i - 1), "penalty"));
      assertTrue(number(point, "standardError") > 0);
      long listed =
          coefficients.stream()
              .filter(row -> row[0].equals(penalty) && !row[1].equals("intercept"))
              .count();
      assertEquals(point.get("coefficients").asLong(), listed);
      best = number(point, "loss") < number(best, "loss") ? point : best;
    }
    assertEquals(best, path.get("best"));
    double limit = number(best, "loss") + number(best, "standardError");
    JsonNode simple = path.get("oneStandardError");
    for (JsonNode point : curve) {
      boolean isStronger = number(point, "penalty") > number(simple, "penalty");
      assertTrue(!isStronger || number(point, "loss") > limit);
    }
    assertTrue(number(simple, "loss") <= limit);
    assertTrue(path.get("passes").asInt() > 0);
  }

  @Test
  void ofAnL1PenaltyItBeginsWithoutFeatures() throws IOException {
    JsonNode path = path(VALIDATION, "baselines=[]");
    assertHolds(path);
    for (String count : COUNTS) {
      assertEquals(0, path.at("/curve/0/" + count).asInt());
      assertTrue(path.at("/curve/5/" + count).asInt() > 0);
    }
    int passes = jobs.json("out/summary.json").at("/passesByPhase/baselines").asInt();
    assertEquals(passes, path.get("passes").asInt());
    assertTrue(jobs.read("out/report.html").contains("Regularisation path"));
  }

  @Test
  void foldsJudgeIt() throws IOException {
    assertHolds(path("data.validation.folds=3"));
  }

  /** Refitted on no other rows, the models are those that were judged. */
  @Test
  void ofAnL2PenaltyAllFeaturesStay() throws IOException {
    JsonNode path =
        path(VALIDATION, "upper.variable=l2", "output.refit=train", "search.range=[1e-3, 10]");
    assertHolds(path);
    assertEquals(10, path.at("/curve/0/penalty").asDouble(), 1e-9);
    assertEquals(1e-3, path.at("/curve/5/penalty").asDouble(), 1e-12);
    assertEquals(5, path.at("/curve/0/features").asInt());
    JsonNode without = path(VALIDATION, "output.regularizationPath=null", "output.overwrite=true");
    assertEquals(null, without);
    assertFalse(jobs.names("out").contains("path"));
  }
}
