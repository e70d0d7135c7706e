package io.github.sparkbilevel.job.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.sparkbilevel.job.output.Json;
import io.github.sparkbilevel.job.report.LabelledRows.Suspicious;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** A made-up page of a cleaning job that looks like a real one, the same on every call. */
final class SampleReport {
  private SampleReport() {}

  /** A page with every part, with so many classes. */
  static Page full(int classes) {
    ObjectNode summary = Json.object();
    summary
        .putArray("notices")
        .addObject()
        .put("text", "The rows 17, 240 and 388 are there twice.");
    summary.putObject("rows").put("train", 1000);
    summary.put("bestIteration", 12).put("selected", "bilevel").put("flagged", 412);
    summary.set("seconds", Json.object().put("startup", 3.412).put("solve", 4.903));
    ObjectNode models = summary.putObject("baselines");
    models.set("noisy", model(0.727, 1.02, 0.731, 0.957));
    models.set("trusted", model(0.848, 0.604, 0.861, 0.961));
    models.set("bilevel", model(0.939, 0.288, 0.941, 0.994));
    summary.set("metrics", models.get("bilevel"));
    ObjectNode detection = summary.putObject("detection").put("bad", 402).put("flagged", 412);
    detection.put("precision", 0.951).put("recall", 0.975).put("f1", 0.963);
    detection.put("auroc", 0.9942).put("averagePrecision", 0.9912);
    detection.putObject("weight").put("auroc", 0.9817).put("averagePrecision", 0.9787);
    summary.set("ledger", ledger());
    LabelledRows rows =
        new LabelledRows(
            new long[][] {{500, 500}, {400, 2}},
            new long[][] {{420, 580}, {400, 2}},
            IntStream.range(0, classes).mapToObj(Integer::toString).toList(),
            IntStream.range(0, classes * classes).mapToLong(i -> i % 7).toArray(),
            new LabelledRows.Shown(suspicious(50), suspicious(20), suspicious(20)));
    return CleaningPage.of(run("digits"), summary, history(), rows);
  }

  /** A page of a run that has nothing but facts. */
  static Page bare() {
    long[][] none = new long[2][0];
    return CleaningPage.of(
        run("bare"),
        Json.object(),
        List.of(),
        new LabelledRows(
            none,
            none,
            List.of(),
            new long[0],
            new LabelledRows.Shown(List.of(), List.of(), List.of())));
  }

  static RunDescription run(String title) {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put(RunDescription.JOB, "clean");
    facts.put("Classes", "");
    facts.put(RunDescription.STARTED, "2025-11-21 17:15");
    facts.put(RunDescription.VERSION, "0.1.0");
    ArrayNode data = Json.array();
    data.addObject().put("role", "train").put("path", "datasets/digits.csv").put("rows", 1000);
    return new RunDescription(title, facts, data, title.equals("bare") ? "" : "job = clean\n");
  }

  static ArrayNode ledger() {
    ArrayNode ledger = Json.array();
    ledger
        .addObject()
        .put("phase", "scores")
        .put("pass", "rows")
        .put("kernels", "probabilities")
        .put("passes", 2)
        .put("bytesOut", 10_400)
        .put("bytesBack", 0)
        .put("medianMillis", 14.3)
        .put("totalMillis", 28.6);
    return ledger;
  }

  private static ObjectNode model(
      double heldOutAccuracy, double heldOutLoss, double testAccuracy, double auroc) {
    return Json.object()
        .put("heldOutAccuracy", heldOutAccuracy)
        .put("heldOutLoss", heldOutLoss)
        .put("calibratedLoss", heldOutLoss - 0.002)
        .put("testAccuracy", testAccuracy)
        .put("testLoss", 0.301)
        .put("auroc", auroc)
        .put("averagePrecision", auroc - 0.003);
  }

  private static List<ObjectNode> history() {
    List<ObjectNode> history = new ArrayList<>();
    for (int k = 1; k <= 40; k++) {
      double fall = Math.exp(-k / 6.0);
      history.add(
          Json.object()
              .put("iteration", k)
              .put("passes", 9 + 3 * k)
              .put("seconds", 0.12 * k)
              .put("upperObjective", 0.21 + 1.1 * fall)
              .put("heldOutObjective", 0.33 + 1.05 * fall)
              .put("lowerObjective", 0.48 + 0.6 * fall)
              .put("lowerGradientNorm", 0.3 * Math.exp(-k / 2.5) + 1e-6)
              .put("hypergradientNorm", 0.05 * fall + 2e-4)
              .put("heldOutAccuracy", 0.93 - 0.2 * fall)
              .put("testLoss", 0.31 + fall)
              .put("testAccuracy", 0.941 - 0.21 * fall));
    }
    return history;
  }

  private static List<Suspicious> suspicious(int rows) {
    return IntStream.range(0, rows)
        .mapToObj(
            i ->
                new Suspicious(
                    Json.object()
                        .put("id", Integer.toString(i * 19 + 3))
                        .put("given", "1")
                        .put("suggested", "2")
                        .put("quality", 1e-6 * Math.pow(1.2, i))
                        .put("weight", 0.002 + 0.0003 * i)
                        .put("truth", i % 17 == 16 ? "3" : "2"),
                    i == 0 ? Picture.of(new double[36]) : null))
        .toList();
  }
}
