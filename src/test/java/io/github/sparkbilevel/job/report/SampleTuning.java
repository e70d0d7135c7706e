package io.github.sparkbilevel.job.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.sparkbilevel.job.output.Json;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** A made-up page of a tuning job that looks like a real one, the same on every call. */
final class SampleTuning {
  static final double UPPER_BOUND = Math.log(1e4);

  private SampleTuning() {}

  /** A page with every part, for a problem of so many features. */
  static Page full(int features) {
    List<ObjectNode> history = history(40);
    ObjectNode summary = summary("random", randomTrials());
    return page("reuters", summary, history, penalties(features, history.size()));
  }

  static Page page(
      String title, ObjectNode summary, List<ObjectNode> history, TunedPenalties penalties) {
    List<ObjectNode> models =
        List.of(
            model("tuned penalties", 46, 0.203498)
                .put("testLoss", 0.2121)
                .put("testAccuracy", 0.9137)
                .put("passes", 369)
                .put("secondsToBest", 4.91)
                .put("selected", true),
            model("Spark MLlib, best of the grid", 17, 0.21081));
    return TuningPage.of(
        SampleReport.run(title),
        summary,
        history,
        new TuningPage.Outcome(models, penalties, PathLines.NONE));
  }

  private static ObjectNode model(String name, int trials, double loss) {
    return Json.object()
        .put("name", name)
        .put("trials", trials)
        .put("upperObjective", loss)
        .put("seconds", 4.91);
  }

  /** A summary with a grid and another search. */
  static ObjectNode summary(String other, ArrayNode trials) {
    ObjectNode summary = Json.object().put("bestIteration", 40).put("startObjective", 0.693147);
    summary.putObject("dropped").put("count", 1039);
    ObjectNode grid = summary.putObject("baselines").putObject("grid");
    grid.put("upperObjective", 0.2108).set("curve", gridTrials());
    ((ObjectNode) summary.get("baselines")).putObject(other).set("curve", trials);
    ((ObjectNode) summary.get("baselines")).putObject("mllib").put("upperObjective", 0.21081);
    return summary;
  }

  static List<ObjectNode> history(int iterations) {
    List<ObjectNode> history = new ArrayList<>();
    for (int k = 0; k <= iterations; k++) {
      double fall = Math.exp(-k / 5.0) - (double) k / iterations * Math.exp(-iterations / 5.0);
      history.add(
          Json.object()
              .put("iteration", k)
              .put("evaluations", k + 1)
              .put("passes", 9 + 9 * k)
              .put("seconds", 0.31 + 0.115 * k)
              .put("upperObjective", 0.203498 + 0.489649 * fall)
              .put("lowerObjective", 0.19 + 0.5 * fall)
              .put("lowerGradientNorm", 1e-5 * (1 + k % 3))
              .put("hypergradientNorm", 0.05 * fall + 2e-5)
              .put("testLoss", 0.2121 + 0.478 * fall)
              .put("testAccuracy", 0.9137 - 0.38 * fall));
    }
    return history;
  }

  static ObjectNode trial(int passes, double seconds, double loss) {
    return Json.object().put("passes", passes).put("seconds", seconds).put("upperObjective", loss);
  }

  private static ArrayNode gridTrials() {
    ArrayNode trials = Json.array();
    for (int i = 0; i < 17; i++) {
      double exponent = 4 - i * 0.875;
      double loss = Math.min(0.6931, 0.2108 + 0.012 * Math.pow(exponent + 3.875, 2));
      trials.add(trial(22 * (i + 1), 0.9 * (i + 1), loss).put("penalty", Math.pow(10, exponent)));
    }
    return trials;
  }

  private static ArrayNode randomTrials() {
    List<JsonNode> trials =
        IntStream.range(0, 30)
            .<JsonNode>mapToObj(i -> trial(20 + 14 * i, 0.6 + 0.31 * i, 0.31 + 0.03 * (i * 7 % 11)))
            .toList();
    return Json.array().addAll(trials);
  }

  /** An eighth of the penalties is dropped; the others are evenly spread. */
  static TunedPenalties penalties(int features, int iterations) {
    double[] lambda = new double[features];
    Arrays.setAll(lambda, j -> j % 8 == 0 ? UPPER_BOUND : -9 + 18.0 * j / features);
    double[] low = new double[features];
    double[] high = new double[features];
    Arrays.fill(low, -24);
    Arrays.fill(high, UPPER_BOUND);
    return new TunedPenalties(
        "features",
        IntStream.range(0, features).mapToObj(j -> "word_" + j).toList(),
        lambda,
        new double[][] {low, high},
        IntStream.range(0, iterations).mapToObj(k -> lambda).toList());
  }

  static TunedPenalties one(String unit, String name, double lambda, int iterations) {
    double[] value = {lambda};
    return new TunedPenalties(
        unit,
        List.of(name),
        value,
        new double[][] {{-24}, {UPPER_BOUND}},
        IntStream.range(0, iterations).mapToObj(k -> value).toList());
  }
}
