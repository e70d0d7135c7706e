package io.github.sparkbilevel.job.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.sparkbilevel.TestProblems.Rows;
import io.github.sparkbilevel.job.JobRuns;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.model.LogisticLoss;
import io.github.sparkbilevel.model.SoftmaxLoss;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.DoubleSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The hypergradient job against formulas and Gaussian elimination. */
class HypergradientJobTest {
  private static final double L2 = 0.02;
  private static final int FEATURES = 10;
  private static final String JOB =
      """
      job = hypergradient
      data.train { path = train.csv, id = id }
      data.validation { path = trusted.csv }
      model.l2 = 0.02
      hypergradient.methods = [exact, cg]
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

  /** Some of the digits: raw features and labels, and the group of a row. */
  record Digits(double[][] x, double[] labels) {
    int group(int row) {
      return row * row % 3;
    }
  }

  /** Ten middle pixels, the first of which is constant, of the digits below {@code classes}. */
  private static Digits digits(int from, int count, int classes) throws IOException {
    List<String> lines = JobRuns.dataset("digits.csv");
    double[][] x = new double[count][FEATURES];
    double[] labels = new double[count];
    int seen = 0;
    for (int line = 1, i = 0; i < count; line++) {
      double[] cells =
          Arrays.stream(lines.get(line).split(",")).mapToDouble(Double::parseDouble).toArray();
      if (cells[64] < classes && seen++ >= from) {
        System.arraycopy(cells, 18, x[i], 0, FEATURES);
        x[i][0] = 7;
        labels[i++] = cells[64];
      }
    }
    return new Digits(x, labels);
  }

  private void write(String name, Digits digits) {
    StringBuilder csv = new StringBuilder("id,label");
    for (int j = 0; j < FEATURES; j++) {
      csv.append(",f").append(j);
    }
    csv.append(",source\n");
    for (int i = 0; i < digits.x().length; i++) {
      csv.append("r").append(i).append(',').append((int) digits.labels()[i]);
      for (double value : digits.x()[i]) {
        csv.append(',').append(value);
      }
      csv.append(",s").append(digits.group(i)).append('\n');
    }
    jobs.write(name, csv.toString());
  }

  /** The rows standardised by the training rows. */
  static Rows standardized(Digits digits, Digits train) {
    int n = train.x().length;
    double[][] x = new double[digits.x().length][FEATURES];
    for (int j = 0; j < FEATURES; j++) {
      double mean = 0;
      double variance = 0;
      for (double[] row : train.x()) {
        mean += row[j] / n;
      }
      for (double[] row : train.x()) {
        variance += (row[j] - mean) * (row[j] - mean) / n;
      }
      for (int i = 0; i < x.length; i++) {
        x[i][j] = variance < 1e-20 ? 0 : (digits.x()[i][j] - mean) / Math.sqrt(variance);
      }
    }
    return new Rows(x, digits.labels(), null, null, null, null);
  }

  private Map<String, Double> gradient() throws IOException {
    Map<String, Double> values = new LinkedHashMap<>();
    List<String> lines = jobs.read("out/hypergradient.csv").lines().toList();
    assertEquals("name,value", lines.get(0));
    for (String line : lines.subList(1, lines.size())) {
      int comma = line.lastIndexOf(',');
      values.put(line.substring(0, comma), Double.valueOf(line.substring(comma + 1)));
    }
    return values;
  }

  private void assertOutcome(SolvedDigits expected, Map<String, Double> gradient)
      throws IOException {
    JsonNode summary = jobs.json("out/summary.json");
    assertEquals(
        expected.objective,
        summary.get("upperObjective").asDouble(),
        1e-8 * Math.abs(expected.objective));
    assertTrue(summary.get("lowerGradientNormInf").asDouble() <= 1e-10);
    JsonNode methods = summary.get("methods");
    assertEquals(2, methods.size());
    assertEquals(0, methods.get("exact").get("relativeError").asDouble());
    assertTrue(methods.get("cg").get("relativeError").asDouble() <= 1e-8, methods.toString());
    assertTrue(
        methods.get("cg").get("passes").asInt() > methods.get("exact").get("passes").asInt());
    assertTrue(methods.get("cg").get("seconds").asDouble() > 0);
    assertEquals(List.of("hypergradient.csv", "summary.json"), jobs.names("out"));

    Map<String, Double> actual = gradient();
    assertEquals(List.copyOf(gradient.keySet()), List.copyOf(actual.keySet()));
    double difference = 0;
    double norm = 0;
    for (Map.Entry<String, Double> entry : gradient.entrySet()) {
      double d = actual.get(entry.getKey()) - entry.getValue();
      difference += d * d;
      norm += entry.getValue() * entry.getValue();
    }
    double error = Math.sqrt(difference / norm);
    assertTrue(error <= 1e-8, "relative error " + error);
    assertEquals(
        Math.sqrt(norm), summary.get("hypergradientNorm").asDouble(), 1e-8 * Math.sqrt(norm));
  }

  @Test
  void exampleWeightsOfSoftmaxEqualTheDenseSolve() throws IOException {
    Digits train = digits(0, 120, 10);
    Digits trusted = digits(120, 40, 10);
    write("train.csv", train);
    write("trusted.csv", trusted);
    jobs.run(JOB, "upper.variable=example-weights", "upper.initial=0.4").assertDone();
    LinearModel model = new LinearModel(new SoftmaxLoss(10), FEATURES, true);
    SolvedDigits solved = new SolvedDigits(model, train, trusted, 0.4, L2);
    Map<String, Double> expected = new LinkedHashMap<>();
    for (int i = 0; i < 120; i++) {
      expected.put("r" + i, solved.ofRow(i, 120));
    }
    assertOutcome(solved, expected);
  }

  @Test
  void exampleWeightsAndPenaltyOfLogisticEqualTheDenseSolve() throws IOException {
    Digits train = digits(0, 60, 2);
    Digits trusted = digits(60, 25, 2);
    write("train.csv", train);
    write("trusted.csv", trusted);
    jobs.run(
            JOB,
            "model.family=logistic",
            "upper.variable=[example-weights, l2]",
            "upper.initial=[-0.3, -3.0]")
        .assertDone();
    LinearModel model = new LinearModel(new LogisticLoss(), FEATURES, true);
    SolvedDigits solved = new SolvedDigits(model, train, trusted, -0.3, Math.exp(-3));
    Map<String, Double> expected = new LinkedHashMap<>();
    for (int i = 0; i < 60; i++) {
      expected.put("r" + i, solved.ofRow(i, 60));
    }
    expected.put("l2", solved.ofPenalty(Math.exp(-3)));
    assertOutcome(solved, expected);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void penaltyEqualsTheDenseSolve(boolean intercept) throws IOException {
    Digits train = digits(0, 90, 3);
    Digits trusted = digits(90, 30, 3);
    write("train.csv", train);
    write("trusted.csv", trusted);
    jobs.run(JOB, "upper.variable=l2", "upper.initial=-2.0", "data.intercept=" + intercept)
        .assertDone();
    LinearModel model = new LinearModel(new SoftmaxLoss(3), FEATURES, intercept);
    // Without weights to tune every row has the weight 1.
    SolvedDigits solved =
        new SolvedDigits(model, train, trusted, Double.POSITIVE_INFINITY, Math.exp(-2));
    assertOutcome(solved, Map.of("l2", solved.ofPenalty(Math.exp(-2))));
  }

  @ParameterizedTest
  @CsvSource({
    "softmax, l2-per-class",
    "softmax, l2-per-feature",
    "softmax, l2-per-coefficient",
    "softmax, l2-per-group",
    "logistic, l2-per-class",
    "logistic, l2-per-feature",
    "logistic, l2-per-coefficient",
    "logistic, l2-per-group"
  })
  void sharedPenaltiesEqualTheDenseSolve(String family, String variable) throws IOException {
    boolean softmax = family.equals("softmax");
    int classes = softmax ? 3 : 2;
    Digits train = digits(0, 90, classes);
    Digits trusted = digits(90, 30, classes);
    write("train.csv", train);
    write("trusted.csv", trusted);
    StringBuilder groups = new StringBuilder("column,group\n");
    for (int j = 0; j < FEATURES; j++) {
      groups.append("f").append(j).append(j < 5 ? ",upper half\n" : ",lower half\n");
    }
    jobs.write("groups.csv", groups.toString());
    jobs.run(
            JOB,
            "model.family=" + family,
            "upper.variable=" + variable,
            "upper.groups=groups.csv",
            "upper.initial=-2.5")
        .assertDone();
    LinearModel model =
        new LinearModel(softmax ? new SoftmaxLoss(3) : new LogisticLoss(), FEATURES, true);
    SolvedDigits solved =
        new SolvedDigits(model, train, trusted, Double.POSITIVE_INFINITY, Math.exp(-2.5));
    assertOutcome(
        solved,
        solved.byName(
            Math.exp(-2.5),
            (feature, output) ->
                switch (variable) {
                  case "l2-per-class" -> softmax ? "" + output : "1";
                  case "l2-per-feature" -> "f" + feature;
                  case "l2-per-coefficient" -> "f" + feature + (softmax ? ":" + output : "");
                  default -> feature < 5 ? "upper half" : "lower half";
                }));
  }

  @Test
  void penaltiesByVarianceEqualTheDenseSolve() throws IOException {
    Digits train = digits(0, 90, 3);
    Digits trusted = digits(90, 30, 3);
    write("train.csv", train);
    write("trusted.csv", trusted);
    jobs.run(JOB, "upper.variable=l2-by-variance", "upper.initial=-2.5").assertDone();
    LinearModel model = new LinearModel(new SoftmaxLoss(3), FEATURES, true);
    SolvedDigits solved =
        new SolvedDigits(model, train, trusted, Double.POSITIVE_INFINITY, Math.exp(-2.5));
    double[] logs = new double[FEATURES];
    for (int j = 0; j < FEATURES; j++) {
      int feature = j;
      double[] column = Arrays.stream(train.x()).mapToDouble(row -> row[feature]).toArray();
      double mean = Arrays.stream(column).average().orElseThrow();
      logs[j] = Math.log(Arrays.stream(column).map(v -> (v - mean) * (v - mean)).sum());
    }
    // Constant features have no coefficient.
    DoubleSummaryStatistics range =
        Arrays.stream(logs).filter(Double::isFinite).summaryStatistics();
    double[] expected = new double[2];
    solved
        .byName(Math.exp(-2.5), (feature, output) -> "" + feature)
        .forEach(
            (feature, slope) -> {
              double log = Math.max(range.getMin(), logs[Integer.parseInt(feature)]);
              double place = (log - range.getMin()) / (range.getMax() - range.getMin());
              expected[0] += (1 - place) * slope;
              expected[1] += place * slope;
            });
    Map<String, Double> entries = new LinkedHashMap<>();
    entries.put("least variance", expected[0]);
    entries.put("greatest variance", expected[1]);
    assertOutcome(solved, entries);
  }

  @Test
  void groupWeightsEqualTheDenseSolve() throws IOException {
    Digits train = digits(0, 90, 3);
    Digits trusted = digits(90, 30, 3);
    write("train.csv", train);
    write("trusted.csv", trusted);
    jobs.run(JOB, "upper.variable=group-weights", "data.train.group=source", "upper.initial=0.5")
        .assertDone();
    LinearModel model = new LinearModel(new SoftmaxLoss(3), FEATURES, true);
    SolvedDigits solved = new SolvedDigits(model, train, trusted, 0.5, L2);
    Map<String, Double> expected = new LinkedHashMap<>();
    for (String group : List.of("s0", "s1")) {
      expected.put(group, 0.0);
    }
    for (int i = 0; i < 90; i++) {
      expected.merge("s" + train.group(i), solved.ofRow(i, 90), Double::sum);
    }
    assertOutcome(solved, expected);
  }

  @Test
  void strengthsOfGroupsEqualDifferencesOfTheUpperObjective() throws IOException {
    write("train.csv", digits(0, 90, 3));
    write("trusted.csv", digits(90, 30, 3));
    StringBuilder groups = new StringBuilder("column,group\n");
    for (int j = 0; j < FEATURES; j++) {
      groups.append("f").append(j).append(j < 5 ? ",upper half\n" : ",lower half\n");
    }
    jobs.write("groups.csv", groups.toString());
    double h = 1e-3;
    double[] phi = new double[2];
    for (int side = 0; side < 2; side++) {
      groupLasso(side == 0 ? -3 + h : -3 - h);
      phi[side] = jobs.json("out/summary.json").get("upperObjective").asDouble();
    }
    jobs.run(
            JOB,
            "upper.variable=group-lasso",
            "hypergradient.methods=[kfac]",
            "output.overwrite=true")
        .assertFailed(2, "kfac", "jacobi-cg");
    groupLasso(-3);
    JsonNode methods = jobs.json("out/summary.json").get("methods");
    assertTrue(methods.get("cg").get("relativeError").asDouble() <= 1e-8, methods.toString());
    assertEquals(List.of("group-lasso"), List.copyOf(gradient().keySet()));
    double difference = (phi[0] - phi[1]) / (2 * h);
    assertEquals(difference, gradient().get("group-lasso"), 1e-5 * Math.abs(difference));
  }

  private void groupLasso(double lambda) {
    jobs.run(
            JOB,
            "upper.variable=group-lasso",
            "upper.groups=groups.csv",
            "upper.initial=" + lambda,
            "output.overwrite=true")
        .assertDone();
  }

  @Test
  void rowsWithoutIdsAreNamedByTheirNumbersAndTheFirstMethodIsWritten() throws IOException {
    Digits train = digits(0, 60, 2);
    write("train.csv", train);
    write("trusted.csv", digits(60, 20, 2));
    List<Map<String, Double>> gradients = new ArrayList<>();
    for (String methods : List.of("[exact]", "[cg, exact]", "[kfac-cg, cg]")) {
      jobs.run(
              JOB,
              "data.train.id=null",
              "data.train.features=" + "[f1, f2, f3, f4]",
              "upper.variable=example-weights",
              "hypergradient.methods=" + methods,
              "output.overwrite=true")
          .assertDone();
      gradients.add(gradient());
    }
    assertEquals(60, gradients.get(0).size());
    double norm = Math.sqrt(gradients.get(0).values().stream().mapToDouble(v -> v * v).sum());
    for (int i = 0; i < 60; i++) {
      for (Map<String, Double> gradient : gradients) {
        assertEquals(gradients.get(0).get("" + i), gradient.get("" + i), 1e-8 * norm);
      }
    }
  }
}
