package io.github.sparkbilevel.job.clean;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.sparkbilevel.bilevel.CleaningResult;
import io.github.sparkbilevel.data.PreparedTables;
import io.github.sparkbilevel.data.RealLabels;
import io.github.sparkbilevel.job.output.Json;
import io.github.sparkbilevel.job.run.JobContext;
import io.github.sparkbilevel.job.run.Summaries;
import io.github.sparkbilevel.ml.CleaningRun;
import io.github.sparkbilevel.ml.DetectionReport;
import io.github.sparkbilevel.ml.ScoreFigures;
import io.github.sparkbilevel.model.Confusion;
import io.github.sparkbilevel.problem.fit.Errors;
import io.github.sparkbilevel.problem.fit.ModelFigures;
import io.github.sparkbilevel.problem.oracle.Tally;
import io.github.sparkbilevel.spark.score.Ranking;
import java.util.List;
import java.util.Locale;

/** The figures of a cleaning job, as {@code summary.json} shows them. */
record CleanSummary(CleaningRun run, DetectionReport detection) {
  /** More entries of λ than this are not listed. */
  private static final int MOST_LAMBDA = 1000;

  /** Matrices of more classes than this are left out. */
  private static final int MOST_CLASSES = 100;

  private static final String NOISE_MODEL = "noiseModel";

  /** The summary, its seconds left to be filled in. */
  ObjectNode of(JobContext context) {
    CleaningResult result = run.result();
    ObjectNode summary = Summaries.of(context, run);
    if (!run.isGuided()) {
      summary.put("algorithm", "em");
    }
    summary.put(
        "upperObjective",
        run.isGuided() ? result.models().get("bilevel").figures().upper().loss() : Double.NaN);
    summary.set("metrics", figures(result.selected()));
    ObjectNode baselines = summary.putObject("baselines");
    result
        .models()
        .forEach(
            (name, model) -> {
              ObjectNode figures = figures(name);
              if (!isOfRealLabels()) {
                figures.put("calibratedLoss", model.calibratedLoss());
              }
              baselines.set(name, figures.setAll(ranking(name)));
            });
    if (!isOfRealLabels()) {
      summary.set("recall", recall(result.choice()));
    }
    String confused =
        result.models().get(result.selected()).confusion() == null
            ? NOISE_MODEL
            : result.selected();
    if (result.models().containsKey(confused)) {
      summary.set("noise", noise(confused, result.models().get(confused).confusion()));
    }
    if (!run.annotators().isEmpty()) {
      summary.set("annotators", annotators());
    }
    summary
        .put("selected", result.selected())
        .put("selectionMetric", context.config().selection().metric())
        .put("flagged", detection.figures().counts().flagged());
    if (context.config().output().softLabels()) {
      summary.set("softLabels", Json.tree(run.data().tables().classes().names()));
    }
    if (!detection.rankings().isEmpty()) {
      summary.set("detection", detectionFigures());
    }
    summary.set("lambda", Json.tree(run.lambda(MOST_LAMBDA)));
    summary.set("ledger", Summaries.ledger(run.engine().ledger()));
    return summary;
  }

  private boolean isOfRealLabels() {
    return run.data().tables().labels() instanceof RealLabels;
  }

  /** How labels are confused: the mean matrix of all groups, those of few, and how reliable. */
  private ObjectNode noise(String model, Confusion confusion) {
    PreparedTables tables = run.data().tables();
    ObjectNode noise = Json.object().put("model", model);
    noise.put("reliability", confusion.reliability());
    if (confusion.groups() > 1) {
      ObjectNode groups = noise.putObject("reliabilityByGroup");
      for (int g = 0; g < confusion.groups(); g++) {
        groups.set(tables.groups().names().get(g), reliability(confusion, g));
      }
    }
    int classes = confusion.classes();
    if (classes <= MOST_CLASSES) {
      noise.set("confusion", matrix(classes, confusion::mean));
    }
    if (confusion.groups() > 1
        && (long) confusion.groups() * classes * classes <= MOST_CLASSES * MOST_CLASSES) {
      ObjectNode matrices = noise.putObject("confusionByGroup");
      for (int g = 0; g < confusion.groups(); g++) {
        int group = g;
        matrices.set(
            tables.groups().names().get(g),
            matrix(classes, (k, l) -> confusion.probability(group, k, l)));
      }
    }
    return noise;
  }

  /** What each true class is given as. */
  private ArrayNode matrix(int classes, Entry entry) {
    List<String> names = run.data().tables().classes().names();
    ArrayNode matrix = Json.array();
    for (int k = 0; k < classes; k++) {
      ObjectNode given = matrix.addObject().put("true", names.get(k)).putObject("given");
      for (int l = 0; l < classes; l++) {
        given.put(names.get(l), entry.at(k, l));
      }
    }
    return matrix;
  }

  /** An entry of a matrix of probabilities. */
  @FunctionalInterface
  private interface Entry {
    double at(int trueClass, int givenClass);
  }

  /** By the names of the classes; null where a class has no rows. */
  private ObjectNode recall(CleaningResult.Choice choice) {
    List<String> classes = run.data().tables().classes().names();
    ObjectNode recall = Json.object();
    for (int k = 0; k < Math.min(classes.size(), MOST_CLASSES); k++) {
      recall
          .putObject(classes.get(k))
          .put("heldOut", choice.heldOutRecall()[k])
          .put("test", choice.testRecall()[k]);
    }
    return recall;
  }

  /** By their columns. */
  private ObjectNode annotators() {
    ObjectNode annotators = Json.object();
    run.annotators()
        .forEach(
            (name, annotator) ->
                annotators
                    .putObject(name)
                    .put("votes", annotator.votes())
                    .put("agreement", (double) annotator.agreeing() / annotator.votes())
                    .put("checked", annotator.checked())
                    .set("reliability", Json.tree(annotator.reliability())));
    return annotators;
  }

  /** How often the labels of a group are right; without an interval where λ moved the matrix. */
  private static ObjectNode reliability(Confusion confusion, int group) {
    return confusion.reliabilities().isEmpty()
        ? Json.object().put("mean", confusion.reliability(group))
        : Json.tree(confusion.reliabilities().get(group));
  }

  private ObjectNode figures(String model) {
    ModelFigures of = run.result().models().get(model).figures();
    ObjectNode figures = Json.object();
    figures(figures, "test", of.test(), of.testErrors());
    figures(figures, "heldOut", of.heldOut(), of.heldOutErrors());
    if (run.attackSuccess().containsKey(model)) {
      figures.put("attackSuccess", run.attackSuccess().get(model));
    }
    return figures;
  }

  private static void figures(ObjectNode figures, String rows, Tally tally, Errors errors) {
    if (errors == null) {
      figures.put(rows + "Accuracy", tally.accuracy());
    } else {
      figures
          .put(rows + "Rmse", errors.rmse())
          .put(rows + "Mae", errors.mae())
          .put(rows + "R2", errors.r2());
    }
    figures.put(rows + "Loss", tally.loss());
  }

  /** How well a score ranks the wrong labels first; not numbers where it is not known. */
  private ObjectNode ranking(String score) {
    return Json.tree(detection.rankings().getOrDefault(score, new Ranking(Double.NaN, Double.NaN)));
  }

  private ObjectNode detectionFigures() {
    ScoreFigures.Counts counts = detection.figures().counts();
    ObjectNode found = ranking(DetectionReport.QUALITY);
    found.setAll(Json.<ObjectNode>tree(counts.rates()));
    found.put("flagged", counts.flagged()).put("bad", counts.bad());
    found.set(DetectionReport.WEIGHT, ranking(DetectionReport.WEIGHT));
    return found;
  }

  /** What came out, in one line. */
  static String sentence(JsonNode summary) {
    return String.format(
            Locale.ROOT,
            "%,d of %,d labels flagged; selected: %s",
            summary.path("flagged").asLong(),
            summary.at("/rows/train").asLong(),
            Json.text(summary, "selected"))
        + known("; test accuracy %.4f", Json.number(summary, "metrics/testAccuracy"))
        + known("; test RMSE %.4g", Json.number(summary, "metrics/testRmse"))
        + known(" (MAE %.4g)", Json.number(summary, "metrics/testMae"))
        + known("; attack success %.4f", Json.number(summary, "metrics/attackSuccess"))
        + known("; AUROC of quality %.4f", Json.number(summary, "detection/auroc"));
  }

  private static String known(String format, double figure) {
    return Double.isFinite(figure) ? String.format(Locale.ROOT, format, figure) : "";
  }
}
