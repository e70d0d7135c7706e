package io.github.sparkbilevel.job.report;

import static io.github.sparkbilevel.job.report.RunSections.word;

import io.github.sparkbilevel.job.report.TuningReport.Hyperparameters;
import io.github.sparkbilevel.job.report.TuningReport.Iterate;
import io.github.sparkbilevel.job.report.TuningReport.Path;
import io.github.sparkbilevel.job.report.TuningReport.Penalty;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.stream.IntStream;

/** The parts of a tuning page that show penalties: how they came out and how they got there. */
final class PenaltySections {
  private static final int NAME_LENGTH = 60;
  private static final int LINES_PER_PLOT = 4;

  private final Hyperparameters tuned;
  private final List<Iterate> history;

  PenaltySections(TuningReport report) {
    tuned = report.hyperparameters();
    history = report.history();
  }

  /** How many are at their bounds, their spread and course, the extreme ones, and the dropped. */
  List<Markup> all() {
    List<Markup> content = new ArrayList<>();
    String bounds = bounds();
    if (!bounds.isEmpty()) {
      content.add(Page.paragraph(bounds));
    }
    List<Markup> plots = new ArrayList<>();
    Histogram counts = tuned.histogram();
    if (counts != null && !counts.all().isEmpty()) {
      plots.add(
          new BarPlot("Spread of λ", "λ", counts.low(), counts.high())
              .counting(tuned.unit())
              .series(tuned.unit(), Tone.FIRST, counts.all())
              .markup());
    }
    plots.addAll(paths());
    List<Markup> tables = new ArrayList<>();
    addTable(
        tables,
        tuned.dropped() > 0 ? "Largest penalties below the upper bound" : "Largest penalties",
        tuned.largest());
    addTable(tables, "Smallest penalties", tuned.smallest());
    if (!plots.isEmpty()) {
      content.add(Page.sideBySide(plots));
    }
    if (!plots.isEmpty() || !tables.isEmpty()) {
      content.add(Page.note("λ is the natural logarithm of a penalty; its value is e^λ."));
    }
    if (!tables.isEmpty()) {
      content.add(Page.sideBySide(tables));
    }
    addDropped(content);
    return content;
  }

  private String bounds() {
    String all = tuned.count() < 0 ? "" : " of " + Numbers.count(tuned.count());
    List<String> sentences = new ArrayList<>();
    if (tuned.dropped() > 0) {
      sentences.add(
          "%s%s %s have a penalty at its upper bound: the model does without them."
              .formatted(Numbers.count(tuned.dropped()), all, tuned.unit()));
    }
    if (tuned.atLowerBound() > 0) {
      sentences.add(
          "%s%s %s have a penalty at its lower bound: it hardly holds them back."
              .formatted(Numbers.count(tuned.atLowerBound()), all, tuned.unit()));
    }
    return String.join(" ", sentences);
  }

  private static void addTable(List<Markup> tables, String caption, List<Penalty> penalties) {
    if (penalties.isEmpty()) {
      return;
    }
    Table table = new Table(caption).words("name").number("λ").number("value");
    penalties.stream()
        .limit(TuningReport.MOST_PENALTIES)
        .forEach(
            one ->
                table.row(
                    false,
                    List.of(
                        Markup.clipped(one.name(), NAME_LENGTH),
                        Markup.text(Numbers.fixed(one.lambda(), 3)),
                        Markup.text(Numbers.significant(Math.exp(one.lambda()))))));
    tables.add(table.markup());
  }

  private void addDropped(List<Markup> content) {
    List<String> names = tuned.droppedNames().stream().limit(TuningReport.MOST_DROPPED).toList();
    if (names.isEmpty()) {
      return;
    }
    long all = Math.max(tuned.dropped(), tuned.droppedNames().size());
    List<Markup> items =
        names.stream()
            .<Markup>map(name -> Markup.element("li", Markup.clipped(name, NAME_LENGTH)))
            .toList();
    Markup list = Markup.element("ul").with("class", "names").addAll(items);
    String summary = "Names of the %s dropped".formatted(tuned.unit());
    content.add(
        all > names.size()
            ? Page.folded(
                summary,
                list,
                Page.note("and %s more".formatted(Numbers.count(all - names.size()))))
            : Page.folded(summary, list));
  }

  /** The course of chosen λ, a few in each plot, all on the same vertical axis. */
  private List<Markup> paths() {
    List<Path> paths =
        tuned.paths().stream()
            .limit(TuningReport.MOST_PATHS)
            .filter(path -> path.lambdas().stream().anyMatch(Double::isFinite))
            .toList();
    if (paths.isEmpty()) {
      return List.of();
    }
    DoubleSummaryStatistics range =
        paths.stream()
            .flatMap(path -> path.lambdas().stream())
            .mapToDouble(Double::doubleValue)
            .filter(Double::isFinite)
            .summaryStatistics();
    List<Integer> steps = IntStream.range(0, history.size()).boxed().toList();
    List<Markup> plots = new ArrayList<>();
    for (int first = 0; first < paths.size(); first += LINES_PER_PLOT) {
      int end = Math.min(first + LINES_PER_PLOT, paths.size());
      String title =
          paths.size() <= LINES_PER_PLOT
              ? "λ by iteration"
              : "λ by iteration, %d to %d of %d".formatted(first + 1, end, paths.size());
      LinePlot plot = new LinePlot(title, "iteration").covering(range.getMin(), range.getMax());
      for (int i = first; i < end; i++) {
        List<Double> lambdas = paths.get(i).lambdas();
        plot.series(
            word(paths.get(i).name()),
            Tone.values()[i - first],
            steps,
            step -> history.get(step).iteration(),
            lambdas::get);
      }
      plots.add(plot.markup());
    }
    return plots;
  }
}
