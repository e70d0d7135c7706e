package io.github.sparkbilevel.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.sparkbilevel.ml.MultiLabelModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.spark.ml.linalg.Vectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Jobs over rows with several labels, beside those of each label alone. */
class MultiLabelJobTest {
  private static final List<String> LABELS = List.of("wet", "cold", "late");

  private static final String ROWS =
      """
      data {
        train { path = train.csv }
        validation { path = validation.csv }
      }
      output.overwrite = true
      """;

  private static final String SEVERAL =
      ROWS
          + """
      model.family = multi-label
      data.train.labelColumns = [wet, cold, late]
      """;

  @TempDir Path folder;
  private JobRuns jobs;

  @BeforeEach
  void open() {
    jobs = JobRuns.inSharedSession(folder);
    jobs.write("train.csv", csv(80, 1));
    jobs.write("validation.csv", csv(60, 2));
    jobs.write("test.csv", csv(50, 3));
  }

  @AfterEach
  void close() {
    jobs.close();
  }

  private static String csv(int rows, long seed) {
    Random random = new Random(seed);
    StringBuilder csv = new StringBuilder("a,wet,b,cold,c,late\n");
    for (int i = 0; i < rows; i++) {
      double a = random.nextGaussian();
      double b = random.nextGaussian();
      double c = random.nextGaussian();
      int wet = a + 0.5 * random.nextGaussian() > 0 ? 1 : 0;
      boolean cold = a - b + 0.5 * random.nextGaussian() > 0.5;
      int late = random.nextInt(4) == 0 ? 1 : 0;
      csv.append(a).append(',').append(wet).append(',').append(b).append(',').append(cold);
      csv.append(',').append(c).append(',').append(late).append('\n');
    }
    return csv.toString();
  }

  private JsonNode run(String job, String... overrides) throws IOException {
    jobs.run(job, overrides).assertDone();
    return jobs.json("out/summary.json");
  }

  private Map<String, Double> hypergradient() throws IOException {
    Map<String, Double> values = new LinkedHashMap<>();
    jobs.read("out/hypergradient.csv")
        .lines()
        .skip(1)
        .map(line -> line.split(","))
        .forEach(cells -> values.put(cells[0], Double.valueOf(cells[1])));
    return values;
  }

  @ParameterizedTest
  @CsvSource({"l2, false", "l2-per-class, true", "l2-per-coefficient, true"})
  void valueAndHypergradientAreThoseOfTheLabelsOneByOne(String variable, boolean isByLabel)
      throws IOException {
    String hypergradient = "job = hypergradient\nupper.initial = -2.5\n";
    double phi = 0;
    Map<String, Double> expected = new LinkedHashMap<>();
    for (String label : LABELS) {
      String features = "data.train.features=[a, b, c]";
      String of = variable.equals("l2-per-class") ? "l2" : variable;
      phi +=
          run(
                  hypergradient + ROWS,
                  features,
                  "model.family=logistic",
                  "data.train.label=" + label,
                  "upper.variable=" + of)
              .get("upperObjective")
              .asDouble();
      hypergradient()
          .forEach(
              (name, value) -> {
                String own = name.equals("l2") ? label : name + ":" + label;
                expected.merge(isByLabel ? own : name, value, Double::sum);
              });
    }
    JsonNode summary = run(hypergradient + SEVERAL, "upper.variable=" + variable);
    assertEquals(phi, summary.get("upperObjective").asDouble(), 1e-10 * phi);
    Map<String, Double> found = hypergradient();
    assertEquals(expected.keySet(), found.keySet());
    double norm = Math.sqrt(expected.values().stream().mapToDouble(v -> v * v).sum());
    expected.forEach((name, value) -> assertEquals(value, found.get(name), 1e-8 * norm, name));
  }

  @Test
  void hypergradientIsTheCentralDifference() throws IOException {
    String job = "job = hypergradient\nupper.variable = l2\n" + SEVERAL;
    double up = run(job, "upper.initial=-2.999").get("upperObjective").asDouble();
    double down = run(job, "upper.initial=-3.001").get("upperObjective").asDouble();
    run(job, "upper.initial=-3.0");
    double slope = hypergradient().get("l2");
    assertEquals((up - down) / 2e-3, slope, 1e-5 * Math.abs(slope));
  }

  @Test
  void tunesAndTellsOfEachLabel() throws IOException {
    JsonNode summary =
        run(
            "job = tune\nupper.variable = l2-per-class\n" + SEVERAL,
            "data.test.path=test.csv",
            "baselines=[grid, cross-validation]");
    JsonNode metrics = summary.get("metrics");
    JsonNode labels = summary.get("metricsByLabel");
    assertEquals(3, labels.size());
    double accuracy = 0;
    double loss = 0;
    for (int k = 0; k < 3; k++) {
      assertEquals(LABELS.get(k), labels.get(k).get("name").asText());
      accuracy += labels.get(k).get("testAccuracy").asDouble() / 3;
      loss += labels.get(k).get("testLoss").asDouble();
    }
    assertEquals(metrics.get("testAccuracy").asDouble(), accuracy, 1e-9);
    assertEquals(metrics.get("testLoss").asDouble(), loss, 1e-9);
    assertTrue(labels.get(0).get("testAccuracy").asDouble() > 0.75);
    // Nothing tells who is late: its penalty is the greatest.
    Map<String, Double> penalties = new LinkedHashMap<>();
    jobs.read("out/hyperparameters.csv")
        .lines()
        .skip(1)
        .map(line -> line.split(","))
        .forEach(cells -> penalties.put(cells[0], Double.valueOf(cells[2])));
    assertEquals(LABELS, List.copyOf(penalties.keySet()));
    assertTrue(penalties.get("late") > penalties.get("wet"), "" + penalties);
    MultiLabelModel model = MultiLabelModel.load(jobs.path("out/model").toString());
    assertEquals(LABELS, model.labels());
    double[] p = model.predictProbability(Vectors.dense(2, -2, 0)).toArray();
    assertTrue(p[0] > 0.9 && p[1] > 0.9 && p[2] < 0.5);
  }

  private void fails(int code, String[] overrides, String... parts) {
    jobs.run("job = tune\n" + SEVERAL, overrides).assertFailed(code, parts);
  }

  private static String[] with(String... overrides) {
    return overrides;
  }

  @Test
  void whatDoesNotFitIsRefused() {
    fails(2, with("data.train.labelColumns=[]"), "data.train.labelColumns");
    fails(2, with("model.family=logistic"), "data.train.labelColumns", "multi-label");
    fails(2, with("job=clean", "baselines=[]"), "model.family", "clean");
    fails(2, with("model.loss=squared-hinge"), "model.loss", "logistic");
    fails(2, with("baselines=[mllib]"), "baselines", "mllib");
    fails(2, with("data.corrupt.fraction=0.3"), "data.corrupt");
    fails(3, with("data.train.labelColumns=[wet, a]"), "'a'", "0 or 1");
    fails(3, with("data.train.labelColumns=[wet, warm]"), "'warm'", "data.train.labelColumns");
  }
}
