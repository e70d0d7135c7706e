package io.github.sparkbilevel.job.tune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.sparkbilevel.job.JobRuns;
import io.github.sparkbilevel.job.TuneSample;
import io.github.sparkbilevel.ml.LinearClassifierModel;
import io.github.sparkbilevel.ml.LinearRegressorModel;
import io.github.sparkbilevel.spark.TestSpark;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The job {@code tune}, from the job file to its outputs. */
class TuneJobTest {
  private static final String JOB =
      """
      job = tune
      data {
        train { path = train.csv }
        validation { path = validation.csv }
        test { path = test.csv }
        standardize = false
      }
      baselines = []
      output.sensitivity = false
      upper.groups = groups.csv
      """;

  private static final List<String> SUMMARY_KEYS =
      List.of(
          "job",
          "version",
          "seed",
          "rows",
          "features",
          "classes",
          "algorithm",
          "curvature",
          "iterations",
          "bestIteration",
          "passes",
          "seconds",
          "upperObjective",
          "metrics",
          "baselines",
          "selected");

  private static final List<String> HISTORY_KEYS =
      List.of(
          "iteration",
          "passes",
          "seconds",
          "upperObjective",
          "heldOutObjective",
          "lowerObjective",
          "lowerGradientNorm",
          "hypergradientNorm",
          "curvature",
          "products",
          "testLoss");

  @TempDir Path folder;
  private JobRuns jobs;
  private TuneSample train;
  private TuneSample validation;
  private TuneSample test;

  @BeforeEach
  void open() {
    jobs = JobRuns.inSharedSession(folder);
  }

  @AfterEach
  void close() {
    jobs.close();
  }

  /** Makes the rows of a family, and the groups of its features. */
  private void write(String family) {
    train = TuneSample.of(family, 60, 1);
    validation = TuneSample.of(family, 90, 2);
    test = TuneSample.of(family, 40, 3);
    jobs.write("train.csv", train.csv());
    jobs.write("validation.csv", validation.csv());
    jobs.write("test.csv", test.csv());
    jobs.write("groups.csv", "column,group\na,useful\nc,noise\nb,useful\nd,noise\ne,noise\n");
  }

  private JobRuns.Ended run(String family, String variable, String... overrides) {
    String[] both = {"model.family=" + family, "upper.variable=" + variable};
    return jobs.run(
        JOB, Stream.concat(Arrays.stream(both), Arrays.stream(overrides)).toArray(String[]::new));
  }

  private static void assertHas(JsonNode node, List<String> keys) {
    for (String key : keys) {
      assertTrue(node.has(key), "no " + key + " in " + node);
    }
  }

  /** The values by name; each is e^λ, or σ(λ) for the names told. */
  private Map<String, Double> hyperparameters(String... weights) throws IOException {
    Map<String, Double> values = new LinkedHashMap<>();
    List<String> lines = jobs.read("out/hyperparameters.csv").lines().toList();
    assertEquals(
        "name,lambda,value,slope,slopeError,tenth,tenthError,tenfold,tenfoldError", lines.get(0));
    for (String line : lines.subList(1, lines.size())) {
      String[] cells = line.split(",");
      double lambda = Double.parseDouble(cells[1]);
      double expected =
          List.of(weights).contains(cells[0]) ? 1 / (1 + Math.exp(-lambda)) : Math.exp(lambda);
      assertEquals(expected, Double.parseDouble(cells[2]), 1e-12 * expected);
      assertEquals(null, values.put(cells[0], Double.valueOf(cells[2])), "names are unique");
    }
    return values;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "softmax  | l2                 | l2",
        "softmax  | l2-per-class       | blue green red",
        "softmax  | l2-per-feature     | a b c d e",
        "softmax  | l2-per-group       | useful noise",
        "logistic | l2-per-class       | yes",
        "logistic | l2-per-feature     | a b c d e",
        "logistic | l2-per-coefficient | a b c d e",
        "linear   | l2                 | l2",
        "linear   | l2-per-feature     | a b c d e",
        "linear   | l2-per-group       | useful noise",
        "softmax  | l2-per-coefficient | a:blue b:blue c:blue d:blue e:blue a:green b:green"
            + " c:green d:green e:green a:red b:red c:red d:red e:red",
      })
  void writesAllThatIsPromised(String family, String variable, String names) throws IOException {
    write(family);
    run(family, variable).assertDone();
    assertEquals(
        List.of("history.jsonl", "hyperparameters.csv", "model", "report.html", "summary.json"),
        jobs.names("out"));
    Map<String, Double> values = hyperparameters();
    assertEquals(List.of(names.split(" ")), List.copyOf(values.keySet()));
    JsonNode summary = jobs.json("out/summary.json");
    assertHas(summary, SUMMARY_KEYS);
    assertEquals("tune", summary.get("job").asText());
    assertEquals("lbfgs", summary.get("algorithm").asText());
    assertEquals(values.size(), summary.get("hyperparameters").asInt());
    assertEquals(60, summary.get("rows").get("train").asInt());
    assertEquals(90, summary.get("rows").get("validation").asInt());
    assertEquals(40, summary.get("rows").get("test").asInt());
    assertEquals(5, summary.get("features").asInt());
    assertHas(summary.get("seconds"), List.of("total", "startup", "load", "solve", "write"));
    double end = summary.get("upperObjective").asDouble();
    assertTrue(end < summary.get("startObjective").asDouble(), summary.toString());
    assertEquals(train.validationLoss(validation, variable, values), end, 1e-4 * end);
    assertHistory(summary);
    assertModel(family, summary.get("metrics"));
    String html = jobs.read("out/report.html");
    assertTrue(html.contains("<html") && html.contains("Validation loss"), "a page");
  }

  private void assertHistory(JsonNode summary) throws IOException {
    List<JsonNode> history = jobs.jsonLines("out/history.jsonl");
    assertEquals(summary.get("iterations").asInt() + 1, history.size());
    for (int k = 0; k < history.size(); k++) {
      JsonNode line = history.get(k);
      assertHas(line, HISTORY_KEYS);
      assertEquals(k, line.get("iteration").asInt());
      assertEquals(summary.get("curvature").asText(), line.get("curvature").asText());
      if (k > 0) {
        JsonNode before = history.get(k - 1);
        assertTrue(line.get("passes").asInt() > before.get("passes").asInt());
        assertTrue(line.get("evaluations").asInt() > before.get("evaluations").asInt());
        assertTrue(
            line.get("upperObjective").asDouble() < before.get("upperObjective").asDouble(),
            "a step is taken when the value falls");
      }
    }
    JsonNode last = history.get(history.size() - 1);
    assertEquals(last.get("upperObjective").asDouble(), summary.get("upperObjective").asDouble());
    assertTrue(summary.get("evaluations").asInt() >= last.get("evaluations").asInt());
  }

  /** The model predicts from the features as they were read what the summary says of it. */
  private void assertModel(String family, JsonNode metrics) {
    TestSpark.session();
    String path = jobs.path("out/model").toString();
    double loss = 0;
    if (family.equals("linear")) {
      LinearRegressorModel model = LinearRegressorModel.load(path);
      for (int i = 0; i < test.x().length; i++) {
        loss += Math.pow(model.predict(Vectors.dense(test.x()[i])) - test.labels()[i], 2) / 40;
      }
      assertEquals(Math.sqrt(loss), metrics.get("testRmse").asDouble(), 1e-9);
      assertEquals(loss / 2, metrics.get("testLoss").asDouble(), 1e-9);
      assertFalse(metrics.has("testAccuracy"));
      return;
    }
    LinearClassifierModel model = LinearClassifierModel.load(path);
    double right = 0;
    for (int i = 0; i < test.x().length; i++) {
      Vector row = Vectors.dense(test.x()[i]);
      right += model.predictLabel(row).equals(test.label(i)) ? 1 : 0;
      loss -= Math.log(model.probabilityOf(row, test.label(i))) / 40;
    }
    assertEquals(right / 40, metrics.get("testAccuracy").asDouble(), 1e-12);
    assertEquals(loss, metrics.get("testLoss").asDouble(), 1e-9);
  }

  @Test
  void standardisedFeaturesMakeTheSameKindOfModel() throws IOException {
    write("softmax");
    run("softmax", "l2-per-feature", "data.standardize=true").assertDone();
    assertModel("softmax", jobs.json("out/summary.json").get("metrics"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"exact", "kfac-cg", "nystrom-cg", "jacobi-cg", "cg"})
  void everyCurvatureComesToTheSameEnd(String curvature) throws IOException {
    write("softmax");
    run("softmax", "l2-per-group", "solver.curvature=" + curvature, "upper.tolerance=1e-7")
        .assertDone();
    JsonNode summary = jobs.json("out/summary.json");
    assertEquals(curvature, summary.get("curvature").asText());
    double end = summary.get("upperObjective").asDouble();
    double[] best = {Double.POSITIVE_INFINITY};
    for (double useful = -12; useful <= 0; useful += 1) {
      for (double noise = -12; noise <= 9; noise += 1) {
        Map<String, Double> at = Map.of("useful", Math.exp(useful), "noise", Math.exp(noise));
        best[0] = Math.min(best[0], train.validationLoss(validation, "l2-per-group", at));
      }
    }
    assertTrue(end <= best[0] * 1.0001, end + " is no worse than the grid's " + best[0]);
    int products = summary.get("products").asInt();
    assertEquals(curvature.equals("exact"), products == 0, "products " + products);
  }

  @Test
  void nboTakesOneNewtonStepForEachStepOfThePenalties() throws IOException {
    write("logistic");
    run("logistic", "l2-per-feature", "solver.algorithm=nbo", "solver.curvature=cg").assertDone();
    JsonNode summary = jobs.json("out/summary.json");
    assertEquals("nbo", summary.get("algorithm").asText());
    List<JsonNode> history = jobs.jsonLines("out/history.jsonl");
    for (JsonNode line : history.subList(1, history.size())) {
      assertTrue(line.get("products").asInt() <= 2, line.toString());
    }
    double end = summary.get("upperObjective").asDouble();
    assertTrue(end < summary.get("startObjective").asDouble());
    assertEquals(
        train.validationLoss(validation, "l2-per-feature", hyperparameters()), end, 1e-4 * end);
    assertModel("logistic", summary.get("metrics"));
  }

  @Test
  void weightsOfGroupsAreTunedBesideThePenalty() throws IOException {
    write("logistic");
    run("logistic", "[group-weights, l2-per-feature]", "data.train.group=source", "baselines=auto")
        .assertDone();
    Map<String, Double> values = hyperparameters("web", "zoo");
    assertEquals(
        List.of("web", "zoo", "a", "b", "c", "d", "e"), List.copyOf(values.keySet()), "in order");
    assertTrue(values.get("web") < values.get("zoo"), "made-up labels weigh less: " + values);
    JsonNode summary = jobs.json("out/summary.json");
    assertEquals("lbfgs", summary.get("algorithm").asText());
    assertModel("logistic", summary.get("metrics"));
  }

  @Test
  void weightsOfRowsAreTunedBesideThePenalty() throws IOException {
    write("softmax");
    run("softmax", "[example-weights, l2-per-class]", "baselines=auto").assertDone();
    assertEquals(List.of("blue", "green", "red"), List.copyOf(hyperparameters().keySet()));
    JsonNode summary = jobs.json("out/summary.json");
    assertTrue(summary.get("notices").findValuesAsText("code").contains("key-without-effect"));
    assertEquals("nbo", summary.get("algorithm").asText(), "λ lies beside the rows");
    assertTrue(summary.get("upperObjective").asDouble() < summary.get("startObjective").asDouble());
    assertModel("softmax", summary.get("metrics"));
  }

  @Test
  void featuresWhosePenaltyIsAtItsUpperBoundAreListedAsDropped() throws IOException {
    write("linear");
    run("linear", "l2-per-feature", "upper.bounds=[-8, 0.5]").assertDone();
    List<String> atBound = new ArrayList<>();
    for (Map.Entry<String, Double> entry : hyperparameters().entrySet()) {
      if (entry.getValue() == Math.exp(0.5)) {
        atBound.add(entry.getKey());
      }
      assertTrue(Math.log(entry.getValue()) >= -8 - 1e-12, entry.toString());
    }
    JsonNode dropped = jobs.json("out/summary.json").get("dropped");
    assertEquals(atBound.size(), dropped.get("count").asInt());
    List<String> names = new ArrayList<>();
    dropped.get("names").forEach(name -> names.add(name.asText()));
    assertEquals(atBound, names);
    assertFalse(names.isEmpty(), "noise is dropped");
    assertTrue(List.of("c", "d", "e").containsAll(names), "what counts is kept: " + names);
    assertTrue(jobs.read("out/report.html").contains("features dropped"));
  }

  @Test
  void sameJobGivesTheSameBits() throws IOException {
    write("softmax");
    List<String> written = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      run(
              "softmax",
              "l2-per-feature",
              "data.partitions=3",
              "solver.curvature=cg",
              "solver.iterations=6",
              "output.overwrite=true")
          .assertDone();
      written.add(jobs.read("out/hyperparameters.csv"));
    }
    assertEquals(written.get(0), written.get(1));
  }

  @Test
  void sparseRowsOfFilesWithoutNamesAreTuned() throws IOException {
    write("logistic");
    jobs.write("train.libsvm", train.libsvm());
    jobs.write("validation.libsvm", validation.libsvm().replaceAll("(?m) [345]:\\S+", ""));
    jobs.run(
            "job = tune",
            "data.train.path=train.libsvm",
            "data.validation.path=validation.libsvm",
            "data.standardize=false",
            "model.family=logistic")
        .assertDone();
    assertEquals(5, hyperparameters().size(), "l2-per-feature is what is tuned unless told");
    assertFalse(jobs.jsonLines("out/history.jsonl").get(0).has("testLoss"), "no test rows");
  }
}
