package io.github.sparkbilevel.job.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.github.sparkbilevel.job.output.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The page of a tuning job: what its summary and its history say, in words and figures. */
public final class TuningPage {
  private static final Table CANDIDATES =
      new Table(
              "Models fitted on these rows",
              RunPage.models("model"),
              Column.count("evaluations", "trials"),
              Column.significant("validation loss", "upperObjective", 6),
              Column.significant("loss over folds", "foldLoss", 6),
              Column.fixed("test loss", "testLoss", 4),
              Column.fixed("test accuracy", "testAccuracy", 4),
              Column.significant("test RMSE", "testRmse", 4),
              Column.fixed("test loss, refitted", "refit/testLoss", 4),
              Column.fixed("test accuracy, refitted", "refit/testAccuracy", 4),
              Column.significant("test RMSE, refitted", "refit/testRmse", 4),
              Column.count("passes", "passes"),
              Column.fixed("seconds to its best", "secondsToBest", 2),
              Column.fixed("seconds in all", "seconds", 2))
          .marking(RunPage::isSelected);

  private static final Table LABELS =
      new Table(
          "The labels one by one",
          Column.words("label", "name", 40),
          Column.fixed("share of ones", "ones", 3),
          Column.fixed("validation loss", "validationLoss", 4),
          Column.fixed("validation accuracy", "validationAccuracy", 4),
          Column.fixed("test loss", "testLoss", 4),
          Column.fixed("test accuracy", "testAccuracy", 4));

  /**
   * What came of a run.
   *
   * @param candidates the tuned model and what it was compared with, as rows of figures
   * @param penalties how the penalties came out
   * @param path coefficients by a single penalty
   */
  public record Outcome(
      List<? extends JsonNode> candidates, TunedPenalties penalties, PathLines path) {}

  private TuningPage() {}

  /**
   * The whole page.
   *
   * @param summary the figures of {@code summary.json}
   * @param history those of {@code history.jsonl}
   * @param outcome what came of it
   */
  public static Page of(
      RunDescription run, JsonNode summary, List<? extends JsonNode> history, Outcome outcome) {
    List<? extends JsonNode> candidates = outcome.candidates;
    TunedPenalties penalties = outcome.penalties;
    JsonNode selected =
        candidates.stream()
            .filter(RunPage::isSelected)
            .map(JsonNode.class::cast)
            .findFirst()
            .orElse(MissingNode.getInstance());
    RunPage frame = new RunPage(run, summary);
    Page page =
        frame.page(
            headline(summary, selected),
            frame.withPasses(figures(summary, selected, penalties)),
            selected.isMissingNode() ? "" : chosen(summary, Json.text(selected, "name")));
    CourseSections course = new CourseSections(summary, history);
    page.section(
        "What was compared",
        CANDIDATES.of(candidates),
        Page.note(
            "An evaluation is a choice of the hyperparameters that was tried, with a fit of its"
                + " own. The test rows take no part in any choice."
                + " Seconds count from the start of each search."),
        refit(summary),
        judgement(summary),
        gain(summary));
    page.section("Labels", LABELS.of(summary.path("metricsByLabel")));
    page.section("Course of the run", course.curves(), course.explanation(), course.iterations());
    page.section(
        "One penalty for all",
        course.grid(),
        Page.note(
            "The same model fitted with one penalty for all of its coefficients, and the level"
                + " that the tuned penalties reach."));
    page.section(
        "Regularisation path", new PathSection(summary, outcome.path, penalties.lambda()).all());
    page.section(
        "Hyperparameters",
        new PenaltySections(penalties, history).all(),
        new SensitivitySection(summary).all());
    return frame.end(page);
  }

  private static Markup refit(JsonNode summary) {
    double rows = Json.number(summary, "refit/rows");
    return Double.isFinite(rows)
        ? Page.note(
            "Refitted means fitted on all %s rows, those that judged the penalties too, once these were chosen. The saved model is refitted."
                .formatted(Numbers.count((long) rows)))
        : Markup.all();
  }

  private static String chosen(JsonNode summary, String name) {
    String by = summary.has("judgement") ? "training rows that were left out" : "validation loss";
    return "Selected by the %s: %s.".formatted(by, name);
  }

  private static Markup judgement(JsonNode summary) {
    JsonNode judgement = summary.path("judgement");
    return judgement.isObject()
        ? Page.note(
            "Each of %s training rows was judged by models fitted to the other folds and to validation rows: mean loss %s with what the validation rows chose, %s with what folds of all rows chose, standard error of the difference %s. The choice of the folds is taken unless the other is better by that much."
                .formatted(
                    Numbers.count((long) Json.number(judgement, "rows")),
                    Numbers.significant(Json.number(judgement, "loss")),
                    Numbers.significant(Json.number(judgement, "lossByFolds")),
                    Numbers.significant(Json.number(judgement, "standardError"))))
        : Markup.all();
  }

  private static Markup gain(JsonNode summary) {
    double test = Json.number(summary, "gain/test");
    if (!Double.isFinite(test)) {
      return Markup.all();
    }
    boolean isGrid = Json.text(summary.path("gain"), "beside").equals("grid");
    return Page.note(
        "Before the refit, tuning lowered the validation loss by %s and the test loss by %s against %s: %s of the gain is fit to the rows that judged it."
            .formatted(
                Numbers.significant(Json.number(summary, "gain/validation")),
                Numbers.significant(test),
                isGrid ? "the best single penalty" : "the start",
                Numbers.percent(Json.number(summary, "gain/fitToValidationRows"))));
  }

  private static String headline(JsonNode summary, JsonNode selected) {
    double start = Json.number(summary, "startObjective");
    double end = Json.number(selected, "upperObjective");
    double single = Json.number(summary, "baselines/grid/upperObjective");
    if (!Double.isFinite(end)) {
      double folds = Json.number(selected, "foldLoss");
      return Double.isFinite(folds)
          ? "One penalty for all: loss over folds %s.".formatted(Numbers.significant(folds))
          : "";
    }
    String course = Double.isFinite(start) ? Numbers.significant(start) + " → " : "";
    String reached = "Validation loss " + course + Numbers.significant(end);
    return Double.isFinite(single)
        ? "%s; the best single penalty reaches %s.".formatted(reached, Numbers.significant(single))
        : reached + ".";
  }

  private static Map<String, String> figures(
      JsonNode summary, JsonNode selected, TunedPenalties penalties) {
    Map<String, String> figures = new LinkedHashMap<>();
    add(figures, "validation loss", selected, "upperObjective");
    JsonNode saved = selected.path("refit").isObject() ? selected.path("refit") : selected;
    add(figures, "test accuracy", saved, "testAccuracy");
    add(figures, "test RMSE", saved, "testRmse");
    figures.put("hyperparameters", Numbers.count(penalties.lambda().length));
    figures.put("features in use", Numbers.fixed(Json.number(summary, "nonZero/features"), 0));
    figures.put(
        penalties.unit() + " dropped", Numbers.fixed(Json.number(summary, "dropped/count"), 0));
    return figures;
  }

  private static void add(Map<String, String> figures, String words, JsonNode all, String path) {
    figures.put(words, Numbers.significant(Json.number(all, path)));
  }
}
