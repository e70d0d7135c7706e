package io.github.sparkbilevel.job.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.sparkbilevel.job.output.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The page of a cleaning job: what its summary and its history say, in words and figures. */
public final class CleaningPage {
  private static final Map<String, String> MODELS =
      Map.ofEntries(
          Map.entry("bilevel", "bilevel model"),
          Map.entry("noisy", "all training rows, as labelled"),
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
            "Weight is what the row counts in the training objective. Quality is the probability"
                + " that the selected model gives to the row’s own label."));
    page.section("Detection of the bad labels", detection());
    page.section("Recall by class", recall());
    page.section("Annotators", annotators());
    page.section("How labels are confused", noise());
    page.section("Given and suggested labels", labels.matrix());
    page.section("Most suspicious rows", labels.suspicious());
    page.section("Most harmful and most helpful rows", labels.influence());
    return run.end(page);
  }

  /** Whether there were trusted rows. */
  private boolean isGuided() {
    return number("rows/validation") != 0;
  }

  private double number(String path) {
    return Json.number(summary, path);
  }

  /** The rows on which the headline measures the models. */
  private String judged() {
    return Double.isFinite(number("metrics/testAccuracy")) ? "test" : "heldOut";
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
    double before = number("baselines/noisy/" + judged() + "Accuracy");
    double after = number("metrics/" + judged() + "Accuracy");
    if (!Double.isFinite(after)) {
      return flagged + ".";
    }
    String course = Double.isFinite(before) ? Numbers.fixed(before, 3) + " → " : "";
    return "%s; %s accuracy %s%s."
        .formatted(flagged, word(judged()), course, Numbers.fixed(after, 3));
  }

  private Map<String, String> figures() {
    Map<String, String> figures = new LinkedHashMap<>();
    figures.put("of the labels flagged", Numbers.percent(number("flagged") / number("rows/train")));
    double accuracy = number("metrics/" + judged() + "Accuracy");
    if (isGuided() || Double.isFinite(accuracy)) {
      figures.put(word(judged()) + " accuracy", Numbers.fixed(accuracy, 3));
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
      model.put("name", MODELS.getOrDefault(name, name));
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
            Column.fixed("held-out loss", "heldOutLoss", 4),
            Column.fixed("calibrated", "calibratedLoss", 4),
            Column.fixed("test accuracy", "testAccuracy", 3),
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
    boolean byLoss = metric().equals(LOSS);
    return Page.note(
        "Of the bilevel model, its refit and the noise models the one with the better "
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
            + "; half of one is enough against the refit. The test rows take no part in the choice."
            + (ranked
                ? " AUROC and average precision say how well a model's own probability for the"
                    + " given label ranks bad labels first."
                : ""));
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

  private Markup recall() {
    List<ObjectNode> classes = Json.members(summary.path("recall"));
    return classes.isEmpty()
        ? Markup.all()
        : new Table(
                "How many rows of each class the returned model gives to it",
                Column.words("class", "name", 40),
                Column.number("of the held-out rows", "heldOut", Numbers::percent),
                Column.number("of the test rows", "test", Numbers::percent))
            .of(classes);
  }

  private Markup annotators() {
    List<ObjectNode> annotators = Json.members(summary.path("annotators"));
    if (annotators.isEmpty()) {
      return Markup.all();
    }
    annotators.forEach(row -> row.setAll((ObjectNode) row.path("reliability")));
    return Markup.all(
        new Table(
                "How often the votes of each annotator are right, with 95 % intervals",
                Column.words("annotator", "name", 40),
                Column.count("votes", "votes"),
                Column.number("agree with the label", "agreement", Numbers::percent),
                Column.count("checked", "checked"),
                Column.number("right", "mean", Numbers::percent),
                Column.number("from", "low", Numbers::percent),
                Column.number("to", "high", Numbers::percent))
            .of(annotators),
        Page.note(
            isGuided()
                ? "The label of a training row is the likeliest class by its votes and by a model of"
                    + " the trusted rows. How often an annotator is right is learned from the votes"
                    + " on trusted rows that are not held out (checked); one who voted on few of"
                    + " them leans on the others, and the interval is wide."
                : "The label of a training row is the likeliest class by its votes. How often an"
                    + " annotator is right is learned by EM from where annotators agree; nothing was"
                    + " verified."));
  }

  /** The confusion matrix, if it fits a page, and the reliability of groups. */
  private Markup noise() {
    JsonNode noise = summary.path("noise");
    List<JsonNode> rows = new ArrayList<>();
    noise.path("confusion").forEach(rows::add);
    List<ObjectNode> groups = Json.members(noise.path("reliabilityByGroup"));
    return Markup.all(
        rows.isEmpty() || rows.size() > LabelSections.LARGEST_MATRIX
            ? Markup.all()
            : matrix(noise, rows),
        groups.isEmpty()
            ? Markup.all()
            : new Table(
                    "How often the labels of each group are right, with 95 % intervals",
                    Column.words("group", "name", 40),
                    Column.number("right", "mean", Numbers::percent),
                    Column.number("from", "low", Numbers::percent),
                    Column.number("to", "high", Numbers::percent))
                .of(groups));
  }

  private static Markup matrix(JsonNode noise, List<JsonNode> rows) {
    return Markup.all(
        LabelSections.confusion(rows),
        Page.note(
            "What the %s found: each row is a true class, each column the label that its rows are"
                    .formatted(MODELS.get(Json.text(noise, "model")).split(":")[0])
                + " given, in percent. Labels are right in "
                + Numbers.percent(Json.number(noise, "reliability"))
                + " of the rows of the mean class."));
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
