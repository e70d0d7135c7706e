package io.github.sparkbilevel.job.report;

import io.github.sparkbilevel.job.report.CleaningReport.Candidate;
import io.github.sparkbilevel.job.report.CleaningReport.DataSource;
import io.github.sparkbilevel.job.report.CleaningReport.Detection;
import io.github.sparkbilevel.job.report.CleaningReport.Headline;
import io.github.sparkbilevel.job.report.CleaningReport.Histogram;
import io.github.sparkbilevel.job.report.CleaningReport.Iterate;
import io.github.sparkbilevel.job.report.CleaningReport.PassGroup;
import io.github.sparkbilevel.job.report.CleaningReport.Ranking;
import io.github.sparkbilevel.job.report.CleaningReport.Run;
import io.github.sparkbilevel.job.report.CleaningReport.Timing;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** The page of a cleaning job: what a {@link CleaningReport} says, in words, figures and tables. */
public final class CleaningPage {
  private static final int NAME_LENGTH = 80;

  private final CleaningReport report;

  private CleaningPage(CleaningReport report) {
    this.report = report;
  }

  /** The whole page, ready to be written to a file in UTF-8. */
  public static String html(CleaningReport report) {
    return new CleaningPage(report).page().html();
  }

  private Page page() {
    Run run = report.run();
    Page page = new Page("spark-bilevel · " + word(run.job()), word(run.title()));
    head(page);
    LabelSections labels = new LabelSections(report);
    addSection(page, "What was compared", candidates());
    addSection(page, "Course of the run", curves());
    addSection(page, "Weight and quality of the rows", histograms());
    addSection(page, "Detection of the bad labels", detection());
    addSection(page, "Given and suggested labels", labels.matrix());
    addSection(page, "Most suspicious rows", labels.suspicious());
    addSection(page, "What was run", facts());
    addSection(page, "Passes and time", costs());
    if (report.settings() != null && !report.settings().isBlank()) {
      page.section(
          "Settings",
          Page.folded("The job file with every key resolved", Page.listing(report.settings())));
    }
    return page.foot("spark-bilevel %s · %s".formatted(word(run.version()), word(run.started())));
  }

  private static void addSection(Page page, String title, List<Markup> content) {
    page.section(title, content.toArray(new Markup[0]));
  }

  private void head(Page page) {
    Map<String, String> figures = new LinkedHashMap<>();
    Headline headline = report.headline();
    if (headline != null) {
      page.headline(sentence(headline));
      if (headline.rows() > 0 && headline.flagged() >= 0) {
        figures.put(
            "of the labels flagged",
            Numbers.percent((double) headline.flagged() / headline.rows()));
      }
      if (Double.isFinite(headline.after())) {
        figures.put(word(headline.accuracyOn()) + " accuracy", Numbers.fixed(headline.after(), 3));
      }
    }
    if (report.detection() != null && report.detection().quality() != null) {
      double auroc = report.detection().quality().auroc();
      if (Double.isFinite(auroc)) {
        figures.put("AUROC of quality", Numbers.fixed(auroc, 3));
      }
    }
    long passes = report.passes().stream().mapToLong(PassGroup::count).sum();
    if (passes > 0) {
      figures.put("passes over the data", Numbers.count(passes));
    }
    page.figures(figures);
    report.candidates().stream()
        .filter(Candidate::selected)
        .findFirst()
        .ifPresent(
            selected ->
                page.lead(
                    "Selected by the loss on the held-out trusted rows: %s."
                        .formatted(word(selected.name()))));
    page.warnings(report.warnings());
  }

  private static String sentence(Headline headline) {
    String flagged =
        "%s of %s labels flagged"
            .formatted(Numbers.count(headline.flagged()), Numbers.count(headline.rows()));
    if (!Double.isFinite(headline.after())) {
      return flagged + ".";
    }
    return flagged
        + (Double.isFinite(headline.before())
            ? "; %s accuracy %s → %s."
                .formatted(
                    word(headline.accuracyOn()),
                    Numbers.fixed(headline.before(), 3),
                    Numbers.fixed(headline.after(), 3))
            : "; %s accuracy %s."
                .formatted(word(headline.accuracyOn()), Numbers.fixed(headline.after(), 3)));
  }

  private List<Markup> candidates() {
    List<Candidate> all = report.candidates();
    if (all.isEmpty()) {
      return List.of();
    }
    List<NumberColumn<Candidate>> columns =
        NumberColumn.present(
            all,
            List.of(
                new NumberColumn<>("held-out accuracy", 3, Candidate::heldOutAccuracy),
                new NumberColumn<>("held-out loss", 4, Candidate::heldOutLoss),
                new NumberColumn<>("test accuracy", 3, Candidate::testAccuracy),
                new NumberColumn<>("test loss", 4, Candidate::testLoss),
                new NumberColumn<>("AUROC", 3, Candidate::auroc),
                new NumberColumn<>("average precision", 3, Candidate::averagePrecision)));
    Table table = new Table("Models fitted on these rows").words("model");
    columns.forEach(column -> table.number(column.title()));
    for (Candidate one : all) {
      List<Markup> cells = new ArrayList<>();
      Markup name = Markup.clipped(one.name(), NAME_LENGTH);
      cells.add(
          one.selected()
              ? Markup.all(name, Markup.element("span", "selected").with("class", "badge"))
              : name);
      columns.forEach(column -> cells.add(Markup.text(column.show(one))));
      table.row(one.selected(), cells);
    }
    List<Markup> content = new ArrayList<>();
    content.add(table.markup());
    content.add(
        Page.note(
            "Of the bilevel model and its refit the one with the lower loss on the held-out trusted"
                + " rows is returned, or a plain model where it is better there by more than one"
                + " standard error; the test rows take no part in the choice."
                + (all.stream().anyMatch(c -> Double.isFinite(c.auroc()))
                    ? " AUROC and average precision say how well a model's own probability for the"
                        + " given label ranks bad labels first."
                    : "")));
    return content;
  }

  private List<Markup> curves() {
    List<Iterate> history = report.history();
    if (history.isEmpty()) {
      return List.of();
    }
    double best =
        history.stream()
            .filter(i -> i.iteration() == report.bestIteration())
            .mapToDouble(Iterate::passes)
            .findFirst()
            .orElse(Double.NaN);
    List<LinePlot> plots =
        List.of(
            plot("Loss by pass", best)
                .series("upper objective", Tone.FIRST, history, passes(), Iterate::upperObjective)
                .series("held-out", Tone.SECOND, history, passes(), Iterate::heldOutObjective)
                .series("test", Tone.THIRD, history, passes(), Iterate::testLoss),
            plot("Accuracy by pass", best)
                .series("held-out", Tone.SECOND, history, passes(), Iterate::heldOutAccuracy)
                .series("test", Tone.THIRD, history, passes(), Iterate::testAccuracy),
            plot("Training objective by pass", best)
                .series("lower objective", Tone.FIRST, history, passes(), Iterate::lowerObjective),
            plot("Gradients by pass", best)
                .logarithmic()
                .series("lower gradient", Tone.FIRST, history, passes(), Iterate::lowerGradientNorm)
                .series(
                    "hypergradient", Tone.SECOND, history, passes(), Iterate::hypergradientNorm));
    List<Markup> content = new ArrayList<>();
    content.add(
        Page.sideBySide(
            plots.stream().filter(plot -> !plot.isEmpty()).map(LinePlot::markup).toList()));
    content.add(
        Page.note(
            "The upper objective is the loss on the trusted rows that guide the weights; the"
                + " held-out trusted rows only judge. The best iterate is the last one whose held-out"
                + " loss is within one standard error of the lowest so far."));
    content.add(Page.folded("All iterations as numbers", historyTable()));
    return content;
  }

  private static LinePlot plot(String title, double best) {
    return new LinePlot(title, "passes").mark(best, "best iterate");
  }

  private static ToDoubleFunction<Iterate> passes() {
    return Iterate::passes;
  }

  private Markup historyTable() {
    List<NumberColumn<Iterate>> columns =
        NumberColumn.present(
            report.history(),
            List.of(
                new NumberColumn<>("seconds", 2, Iterate::seconds),
                new NumberColumn<>("upper objective", 4, Iterate::upperObjective),
                new NumberColumn<>("held-out loss", 4, Iterate::heldOutObjective),
                new NumberColumn<>("lower objective", 4, Iterate::lowerObjective),
                NumberColumn.significant("lower gradient", Iterate::lowerGradientNorm),
                NumberColumn.significant("hypergradient", Iterate::hypergradientNorm),
                new NumberColumn<>("held-out accuracy", 3, Iterate::heldOutAccuracy),
                new NumberColumn<>("test loss", 4, Iterate::testLoss),
                new NumberColumn<>("test accuracy", 3, Iterate::testAccuracy)));
    Table table = new Table("Outer iterations; the best is marked");
    table.number("iteration").number("passes");
    columns.forEach(column -> table.number(column.title()));
    for (Iterate one : report.history()) {
      List<Markup> cells = new ArrayList<>();
      cells.add(Markup.text(Numbers.count(one.iteration())));
      cells.add(Markup.text(Numbers.count(one.passes())));
      columns.forEach(column -> cells.add(Markup.text(column.show(one))));
      table.row(one.iteration() == report.bestIteration(), cells);
    }
    return table.markup();
  }

  private List<Markup> histograms() {
    List<Markup> plots = new ArrayList<>();
    addHistogram(plots, "Learned weight", "weight", report.weights());
    addHistogram(plots, "Quality", "quality", report.quality());
    if (plots.isEmpty()) {
      return List.of();
    }
    return List.of(
        Page.sideBySide(plots),
        Page.note(
            "Weight is what the row counts in the training objective. Quality is the probability"
                + " that the selected model gives to the row’s own label."));
  }

  private static void addHistogram(
      List<Markup> plots, String title, String name, Histogram histogram) {
    if (histogram == null || histogram.all().isEmpty()) {
      return;
    }
    BarPlot plot = new BarPlot(title, name, histogram.low(), histogram.high());
    if (histogram.wrong().isEmpty()) {
      plot.series("rows", Tone.FIRST, histogram.all());
    } else {
      List<Long> right = new ArrayList<>();
      for (int bin = 0; bin < histogram.all().size(); bin++) {
        right.add(histogram.all().get(bin) - histogram.wrong().get(bin));
      }
      plot.series("wrong labels", Tone.SECOND, histogram.wrong());
      plot.series("right labels", Tone.FIRST, right);
    }
    plots.add(plot.markup());
  }

  private List<Markup> detection() {
    Detection found = report.detection();
    if (found == null) {
      return List.of();
    }
    Table flags = new Table("The flagged rows against the truth");
    flags.number("bad labels").number("flagged").number("precision").number("recall").number("F1");
    flags.row(
        Numbers.count(found.bad()),
        Numbers.count(found.flagged()),
        Numbers.fixed(found.precision(), 3),
        Numbers.fixed(found.recall(), 3),
        Numbers.fixed(found.f1(), 3));
    Table ranking = new Table("How the scores rank bad labels first");
    ranking.words("score").number("AUROC").number("average precision");
    addRanking(ranking, "quality", found.quality());
    addRanking(ranking, "weight", found.weight());
    return ranking.size() == 0
        ? List.of(flags.markup())
        : List.of(Page.sideBySide(List.of(ranking.markup(), flags.markup())));
  }

  private static void addRanking(Table table, String score, Ranking ranking) {
    if (ranking != null) {
      table.row(
          score, Numbers.fixed(ranking.auroc(), 4), Numbers.fixed(ranking.averagePrecision(), 4));
    }
  }

  private List<Markup> facts() {
    Run run = report.run();
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("Job", run.job());
    facts.put("Model", run.model());
    facts.put("Upper variable", run.upperVariable());
    facts.put("Algorithm", run.algorithm());
    facts.put("Curvature", run.curvature());
    facts.put("Features", Numbers.count(run.features()));
    facts.put("Classes", Numbers.count(run.classes()));
    facts.put("Seed", Long.toString(run.seed()));
    facts.put("Started", run.started());
    facts.put("Spark master", run.sparkMaster());
    facts.put("Version", run.version());
    List<Markup> content = new ArrayList<>(List.of(Page.facts(facts)));
    if (!run.data().isEmpty()) {
      Table table = new Table("Data").words("role").words("from").number("rows");
      for (DataSource source : run.data()) {
        table.row(
            false,
            List.of(
                Markup.text(source.role()),
                Markup.clipped(source.path(), 160),
                Markup.text(Numbers.count(source.rows()))));
      }
      content.add(table.markup());
    }
    return content;
  }

  private List<Markup> costs() {
    List<Markup> content = new ArrayList<>();
    if (!report.passes().isEmpty()) {
      Table table = new Table("Pass ledger").words("pass").words("kernels").number("passes");
      table.number("bytes out", "broadcast to the executors, all passes together");
      table.number("bytes back", "reduced to the driver, all passes together");
      table.number("median ms").number("total ms");
      for (PassGroup pass : report.passes()) {
        table.row(
            pass.name(),
            pass.kernels(),
            Numbers.count(pass.count()),
            Numbers.bytes(pass.bytesOut()),
            Numbers.bytes(pass.bytesBack()),
            Numbers.millis(pass.medianMillis()),
            Numbers.millis(pass.totalMillis()));
      }
      content.add(table.markup());
      content.add(Page.note("A pass is one Spark job over the cached blocks."));
    }
    if (!report.timings().isEmpty()) {
      Table table = new Table("Time by phase").words("phase").number("seconds");
      for (Timing timing : report.timings()) {
        table.row(timing.phase(), Numbers.fixed(timing.seconds(), 2));
      }
      content.add(table.markup());
    }
    return content;
  }

  private static String word(String text) {
    return text == null ? "" : text;
  }

  /**
   * A column of numbers that is left out when no row has one.
   *
   * @param decimals digits after the point; negative for four significant digits
   */
  private record NumberColumn<T>(String title, int decimals, ToDoubleFunction<T> value) {

    static <T> NumberColumn<T> significant(String title, ToDoubleFunction<T> value) {
      return new NumberColumn<>(title, -1, value);
    }

    static <T> List<NumberColumn<T>> present(List<T> rows, List<NumberColumn<T>> columns) {
      return columns.stream()
          .filter(c -> rows.stream().anyMatch(row -> Double.isFinite(c.value().applyAsDouble(row))))
          .toList();
    }

    String show(T row) {
      double number = value.applyAsDouble(row);
      return decimals < 0 ? Numbers.significant(number) : Numbers.fixed(number, decimals);
    }
  }
}
