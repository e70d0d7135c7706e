package io.github.sparkbilevel.job.report;

import io.github.sparkbilevel.job.report.BenchmarkReport.Course;
import io.github.sparkbilevel.job.report.BenchmarkReport.Row;
import io.github.sparkbilevel.job.report.BenchmarkReport.Step;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** The page of a benchmark: the table, and the distance from the lowest value by every cost. */
public final class BenchmarkPage {
  private final BenchmarkReport report;
  private final double lowest;

  private BenchmarkPage(BenchmarkReport report) {
    this.report = report;
    lowest =
        report.courses().stream()
            .flatMap(course -> course.steps().stream())
            .mapToDouble(Step::value)
            .filter(Double::isFinite)
            .min()
            .orElse(Double.NaN);
  }

  /** The whole page, ready to be written to a file in UTF-8. */
  public static String html(BenchmarkReport report) {
    return new BenchmarkPage(report).page().html();
  }

  private Page page() {
    RunSections run = new RunSections(report.run());
    Page page = run.page();
    report.rows().stream().findFirst().ifPresent(best -> page.headline(sentence(best)));
    Map<String, String> figures = new LinkedHashMap<>();
    figures.put("lowest upper objective", Numbers.significant(lowest));
    figures.put("algorithms", Numbers.count(report.rows().size()));
    figures.put("runs", Numbers.count(report.courses().size()));
    page.figures(figures);
    page.warnings(report.run().warnings());
    RunSections.add(page, "Sorted by time to target", table());
    RunSections.add(page, "Distance from the lowest value", curves());
    RunSections.add(page, "What does not apply", refused());
    run.addTo(page);
    return page;
  }

  private String sentence(Row best) {
    return Double.isNaN(best.secondsToTarget())
        ? "%s comes to the lowest upper objective, %s."
            .formatted(best.name(), Numbers.significant(best.least()))
        : "%s is the first at the target, after %s s and %s passes."
            .formatted(
                best.name(),
                Numbers.significant(best.secondsToTarget()),
                Numbers.significant(best.passesToTarget()));
  }

  private List<Markup> table() {
    List<Row> rows = report.rows().stream().filter(row -> row.objection().isEmpty()).toList();
    if (rows.isEmpty()) {
      return List.of();
    }
    String targets = report.targets().isEmpty() ? "" : " " + least(report.targets());
    Table table =
        NumberColumn.fill(
            new Table("Medians over the runs").words("algorithm"),
            rows,
            row -> List.of(RunSections.modelName(row.name(), false)),
            List.of(
                NumberColumn.count("runs", Row::runs),
                NumberColumn.count("runs at the target" + targets, Row::reached),
                NumberColumn.significant("seconds to it", Row::secondsToTarget),
                NumberColumn.significant("passes to it", Row::passesToTarget),
                NumberColumn.significant("rows touched to it", Row::rowsToTarget),
                NumberColumn.significant("least upper objective", 6, Row::least),
                NumberColumn.significant("passes in all", Row::passes),
                NumberColumn.significant("seconds in all", Row::seconds)),
            row -> row == rows.get(0));
    return List.of(
        table.markup(),
        Page.note(
            "Every λ is judged alike, by the validation loss of the model that it trains, solved to"
                + " accuracy outside the clock and the account of passes. Step lengths that an"
                + " algorithm measures and its warm-up count as its own. An evaluation follows"
                + " iterations that are each 1.15 times the one before, so that a target may have"
                + " been reached a little earlier."));
  }

  private static String least(List<Double> targets) {
    return Numbers.significant(
        targets.stream().mapToDouble(Double::doubleValue).min().orElseThrow());
  }

  private List<Markup> curves() {
    List<LinePlot> plots = new ArrayList<>();
    plots.add(plot("by second", "seconds", Step::seconds));
    plots.add(plot("by pass", "passes", step -> step.passes()));
    plots.add(plot("by rows touched", "rows", step -> step.rows()));
    plots.add(plot("by gradient", "gradients", step -> step.gradients()));
    plots.add(plot("by Hessian product", "Hessian products", step -> step.products()));
    List<Markup> figures =
        plots.stream().filter(plot -> !plot.isEmpty()).map(LinePlot::markup).toList();
    if (figures.isEmpty()) {
      return List.of();
    }
    return List.of(
        Page.sideBySide(figures),
        Page.note(
            "The first run of each of the first %d algorithms of the table; both axes are"
                    .formatted(BenchmarkReport.MOST_CURVES)
                + " logarithmic, so a start at 0 is not drawn, nor is the point of the lowest value"
                + " itself."));
  }

  private LinePlot plot(String by, String axis, ToDoubleFunction<Step> cost) {
    LinePlot plot = new LinePlot("Distance " + by, axis).logarithmic().horizontalLogarithmic();
    int drawn = 0;
    for (Row row : report.rows()) {
      Course first =
          report.courses().stream()
              .filter(course -> course.name().equals(row.name()))
              .findFirst()
              .orElse(null);
      if (first != null && drawn < BenchmarkReport.MOST_CURVES) {
        plot.series(
            row.name(),
            Tone.values()[drawn++],
            first.steps().stream().filter(step -> step.passes() > 0).toList(),
            cost,
            step -> step.value() - lowest);
      }
    }
    return plot;
  }

  private List<Markup> refused() {
    Map<String, String> reasons = new LinkedHashMap<>();
    report.rows().stream()
        .filter(row -> !row.objection().isEmpty())
        .forEach(row -> reasons.put(row.name(), row.objection()));
    return reasons.isEmpty() ? List.of() : List.of(Page.facts(reasons));
  }
}
