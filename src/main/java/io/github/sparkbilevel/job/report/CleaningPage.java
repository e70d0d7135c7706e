package io.github.sparkbilevel.job.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.sparkbilevel.job.output.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The page of a cleaning job: what its summary and its history say, in words and figures. */
public final class CleaningPage {
  private static final Map<String, String> MODELS =
      Map.ofEntries(
          Map.entry("bilevel", "bilevel model"),
          Map.entry("noisy", "all training rows, as labelled"),
          Map.entry("leastSquares", "all training rows, as labelled, by least squares"),
          Map.entry("trusted", "trusted rows alone"),
          Map.entry(
              "cleaned", "rows weighted by the bilevel model and the labeller, and trusted rows"),
          Map.entry("trustedRefit", "rows kept by the trusted rows' model, and trusted rows"),
          Map.entry("transfer", "trusted rows, with the outputs of the noisy model as features"),
          Map.entry("transferRefit", "rows kept by the transfer model, and trusted rows"),
          Map.entry("confidentLearning", "rows kept by confident learning, and trusted rows"),
          Map.entry("noiseModel", "noise model: all rows, with how labels are confused"),
          Map.entry("labellerModel", "bilevel model beside a labeller that follows the features"),
          Map.entry("goldLossCorrection", "gold loss correction: confusion by the trusted rows"),
          Map.entry("forwardCorrection", "forward correction: confusion by confident learning"),
          Map.entry("dawidSkene", "Dawid and Skene: labels by EM over the votes"));

  private static final String LOSS = "loss";

  /** What quality is, of classes and of real labels. */
  private static final String OF_CLASSES =
      "Quality is the probability that the selected model gives to the row’s own label.";

  private static final String OF_REAL_LABELS =
      "Quality is the probability that the error of a right label is as large as the row’s.";

  private static final Map<String, String> METRICS =
      Map.of(
          "accuracy", "accuracy",
          "balancedAccuracy", "balanced accuracy",
          "auc", "area under the ROC curve");

  private final JsonNode summary;
  private final List<? extends JsonNode> history;
  private final LabelledRows rows;

  private CleaningPage(JsonNode summary, List<? extends JsonNode> history, LabelledRows rows) {
    this.summary = summary;
    this.history = history;
    this.rows = rows;
  }

  /**
   * The whole page.
   *
   * @param summary the figures of {@code summary.json}
   * @param history those of {@code history.jsonl}
   */
  public static Page of(
      RunDescription run, JsonNode summary, List<? extends JsonNode> history, LabelledRows rows) {
    return new CleaningPage(summary, history, rows).page(new RunPage(run, summary));
  }

  private Page page(RunPage run) {
    List<ObjectNode> models = models();
    Page page = run.page(headline(), run.withPasses(figures()), lead(models));
    LabelSections labels = new LabelSections(rows);
    page.section(
        "What was compared", candidates(models), isGuided() ? choice(models) : Markup.all());
    if (isGuided()) {
      page.section("Course of the run", curves(), explanation(), iterations());
    }
    page.section(
        "Weight and quality of the rows",
        Page.sideBySide(
            List.of(
                spread("Learned weight", "weight", rows.weights()),
                spread("Quality", "quality", rows.quality()))),
        Page.note(
            "Weight is what the row counts in the training objective. "
                + (isOfRealLabels() ? OF_REAL_LABELS : OF_CLASSES)));
    page.section("Detection of the bad labels", detection());
    NoiseSections noise = new NoiseSections(summary);
    page.section("Recall by class", noise.recall());
    page.section("Annotators", noise.annotators());
    page.section("How labels are confused", noise.confusion());
    page.section("Given and suggested labels", labels.matrix());
    page.section("Most suspicious rows", labels.suspicious());
    page.section("Most harmful and most helpful rows", labels.influence());
    return run.end(page);
  }

  private boolean isGuided() {
    return isGuided(summary);
  }

  /** Whether there were trusted rows. */
  static boolean isGuided(JsonNode summary) {
    return Json.number(summary, "rows/validation") != 0;
  }

  /** A model by its name, in words. */
  static String model(String name) {
    return MODELS.getOrDefault(name, name);
  }

  private double number(String path) {
    return Json.number(summary, path);
  }

  private boolean isOfRealLabels() {
    return summary.path("metrics").has("testRmse");
  }

  /** What the headline measures models by. */
  private String measure() {
    return isOfRealLabels() ? "RMSE" : "accuracy";
  }

  private double measured(String of) {
    return number(of + "/" + judged() + (isOfRealLabels() ? "Rmse" : "Accuracy"));
  }

  private String shown(double measured) {
    return isOfRealLabels() ? Numbers.significant(measured, 4) : Numbers.fixed(measured, 3);
  }

  /** The rows on which the headline measures the models. */
  private String judged() {
    boolean tested =
        Double.isFinite(number("metrics/testAccuracy"))
            || Double.isFinite(number("metrics/testRmse"));
    return tested ? "test" : "heldOut";
  }

  private static String word(String judged) {
    return judged.equals("heldOut") ? "held-out" : judged;
  }

  private String headline() {
    if (!summary.has("flagged")) {
      return "";
    }
    String flagged =
        "%s of %s labels flagged"
            .formatted(Numbers.fixed(number("flagged"), 0), Numbers.fixed(number("rows/train"), 0));
    double before = measured("baselines/noisy");
    double after = measured("metrics");
    if (!Double.isFinite(after)) {
      return flagged + ".";
    }
    String course = Double.isFinite(before) ? shown(before) + " → " : "";
    return "%s; %s %s %s%s.".formatted(flagged, word(judged()), measure(), course, shown(after));
  }

  private Map<String, String> figures() {
    Map<String, String> figures = new LinkedHashMap<>();
    figures.put("of the labels flagged", Numbers.percent(number("flagged") / number("rows/train")));
    double after = measured("metrics");
    if (isGuided() || Double.isFinite(after)) {
      figures.put(word(judged()) + " " + measure(), shown(after));
    }
    if (Double.isFinite(number("metrics/attackSuccess"))) {
      figures.put("attack success", Numbers.fixed(number("metrics/attackSuccess"), 3));
    }
    figures.put("AUROC of quality", Numbers.fixed(number("detection/auroc"), 3));
    return figures;
  }

  private List<ObjectNode> models() {
    List<ObjectNode> models = Json.members(summary.path("baselines"));
    for (ObjectNode model : models) {
      String name = Json.text(model, "name");
      model.put("selected", name.equals(Json.text(summary, "selected")));
      model.put(
          "name",
          isOfRealLabels() && name.equals("cleaned")
              ? "rows kept by the bilevel model, and trusted rows"
              : model(name));
    }
    return models;
  }

  private String lead(List<ObjectNode> models) {
    if (!isGuided()) {
      return "Learned without trusted rows by EM; nothing was verified.";
    }
    return models.stream()
        .filter(RunPage::isSelected)
        .map(model -> Json.text(model, "name"))
        .findFirst()
        .map(
            name ->
                "Selected by the %s on the held-out trusted rows: %s.".formatted(metric(), name))
        .orElse("");
  }

  /** What the choice went by, in words. */
  private String metric() {
    return METRICS.getOrDefault(Json.text(summary, "selectionMetric"), LOSS);
  }

  private static Markup candidates(List<ObjectNode> models) {
    return new Table(
            "Models fitted on these rows",
            RunPage.models("model"),
            Column.fixed("held-out accuracy", "heldOutAccuracy", 3),
            Column.significant("held-out RMSE", "heldOutRmse", 4),
            Column.fixed("held-out loss", "heldOutLoss", 4),
            Column.fixed("calibrated", "calibratedLoss", 4),
            Column.fixed("test accuracy", "testAccuracy", 3),
            Column.significant("test RMSE", "testRmse", 4),
            Column.significant("test MAE", "testMae", 4),
            Column.fixed("test R²", "testR2", 4),
            Column.fixed("test loss", "testLoss", 4),
            Column.fixed("attack success", "attackSuccess", 3)
                .hint("share of test rows of other classes that the patch turns into the target"),
            Column.fixed("AUROC", "auroc", 3),
            Column.fixed("average precision", "averagePrecision", 3))
        .marking(RunPage::isSelected)
        .of(models);
  }

  private Markup choice(List<ObjectNode> models) {
    boolean ranked = models.stream().anyMatch(m -> Double.isFinite(Json.number(m, "auroc")));
    return Page.note(
        (isOfRealLabels() ? choiceByError() : choiceByClasses())
            + " The test rows take no part in the choice."
            + (ranked
                ? " AUROC and average precision say how well the quality by a model ranks bad labels"
                    + " first."
                : ""));
  }

  private static String choiceByError() {
    return "The refit is returned unless the bilevel model has less loss on the held-out trusted rows"
        + " by half a standard error, or a plain model by two (by less, down to one, where the loss"
        + " is not that of a few rows).";
  }

  private String choiceByClasses() {
    boolean byLoss = metric().equals(LOSS);
    return "Of the bilevel model, its refit and the noise models the one with the better "
        + metric()
        + " on the held-out trusted rows is returned; a noise model comes first where labels"
        + " are confused with a structure, and a plain model last. One that comes later must be"
        + " better there by more than one standard error"
        + (byLoss
            ? ", also in the calibrated loss: that at the temperature that suits each model"
                + " best, where too much or too little certainty does not count."
            : ".")
        + " A plain model must be better by two"
        + (byLoss ? ", and be right on more of the rows" : "")
        + " (by less, down to one, and right on as many, where many answers are wrong)"
        + "; half of one is enough against the refit.";
  }

  private Markup curves() {
    return Page.sideBySide(
        List.of(
            plot("Loss by pass")
                .series("upper objective", Tone.FIRST, history, "passes", "upperObjective")
                .series("held-out", Tone.SECOND, history, "passes", "heldOutObjective")
                .series("test", Tone.THIRD, history, "passes", "testLoss")
                .markup(),
            plot("Accuracy by pass")
                .series("held-out", Tone.SECOND, history, "passes", "heldOutAccuracy")
                .series("test", Tone.THIRD, history, "passes", "testAccuracy")
                .markup(),
            plot("Training objective by pass")
                .series("lower objective", Tone.FIRST, history, "passes", "lowerObjective")
                .markup(),
            plot("Gradients by pass")
                .logarithmic()
                .series("lower gradient", Tone.FIRST, history, "passes", "lowerGradientNorm")
                .series("hypergradient", Tone.SECOND, history, "passes", "hypergradientNorm")
                .markup()));
  }

  private LinePlot plot(String title) {
    double best =
        history.stream()
            .filter(this::isBest)
            .mapToDouble(row -> Json.number(row, "passes"))
            .findFirst()
            .orElse(Double.NaN);
    return new LinePlot(title, "passes").mark(best, "best iterate");
  }

  private boolean isBest(JsonNode iteration) {
    return Json.number(iteration, "iteration") == number("bestIteration");
  }

  private static Markup explanation() {
    return Page.note(
        "The upper objective is the loss on the trusted rows that guide the weights; the"
            + " held-out trusted rows only judge. The best iterate is the last one whose held-out"
            + " loss is within one standard error of the lowest so far.");
  }

  private Markup iterations() {
    return Page.folded(
        "All iterations as numbers",
        new Table(
                "Outer iterations; the best is marked",
                Column.count("iteration", "iteration"),
                Column.count("passes", "passes"),
                Column.fixed("seconds", "seconds", 2),
                Column.fixed("upper objective", "upperObjective", 4),
                Column.fixed("held-out loss", "heldOutObjective", 4),
                Column.fixed("lower objective", "lowerObjective", 4),
                Column.significant("lower gradient", "lowerGradientNorm", 4),
                Column.significant("hypergradient", "hypergradientNorm", 4),
                Column.fixed("held-out accuracy", "heldOutAccuracy", 3),
                Column.fixed("test loss", "testLoss", 4),
                Column.fixed("test accuracy", "testAccuracy", 3))
            .marking(this::isBest)
            .of(history));
  }

  /** A histogram over [0, 1]: of all rows, or of those with wrong and with right labels. */
  private Markup spread(String title, String name, long[][] counts) {
    BarPlot plot = new BarPlot(title, name, 0, 1);
    if (!summary.has("detection")) {
      return plot.series("rows", Tone.FIRST, counts[0]).markup();
    }
    long[] right = counts[0].clone();
    for (int bin = 0; bin < right.length; bin++) {
      right[bin] -= counts[1][bin];
    }
    return plot.series("wrong labels", Tone.SECOND, counts[1])
        .series("right labels", Tone.FIRST, right)
        .markup();
  }

  private Markup detection() {
    if (!summary.has("detection")) {
      return Markup.all();
    }
    JsonNode found = summary.path("detection");
    ObjectNode quality = Json.object().put("name", "quality").setAll((ObjectNode) found);
    ObjectNode weight =
        Json.object().put("name", "weight").setAll((ObjectNode) found.path("weight"));
    return Page.sideBySide(
        List.of(
            new Table(
                    "How the scores rank bad labels first",
                    Column.words("score", "name", Integer.MAX_VALUE),
                    Column.fixed("AUROC", "auroc", 4),
                    Column.fixed("average precision", "averagePrecision", 4))
                .of(List.of(quality, weight)),
            new Table(
                    "The flagged rows against the truth",
                    Column.count("bad labels", "bad"),
                    Column.count("flagged", "flagged"),
                    Column.fixed("precision", "precision", 3),
                    Column.fixed("recall", "recall", 3),
                    Column.fixed("F1", "f1", 3))
                .of(List.of(found))));
  }
}
