package io.github.sparkbilevel.job.report;

import static io.github.sparkbilevel.job.report.RunSections.word;

import io.github.sparkbilevel.job.report.CleaningReport.Candidate;
import io.github.sparkbilevel.job.report.CleaningReport.Detection;
import io.github.sparkbilevel.job.report.CleaningReport.Headline;
import io.github.sparkbilevel.job.report.CleaningReport.Iterate;
import io.github.sparkbilevel.job.report.CleaningReport.Ranking;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** The page of a cleaning job: what a {@link CleaningReport} says, in words, figures and tables. */
public final class CleaningPage {
  private final CleaningReport report;

  private CleaningPage(CleaningReport report) {
    this.report = report;
  }

  /** The whole page, ready to be written to a file in UTF-8. */
  public static String html(CleaningReport report) {
    return new CleaningPage(report).page().html();
  }

  private Page page() {
    RunSections run = new RunSections(report.run());
    Page page = run.page();
    head(page, run.passes());
    LabelSections labels = new LabelSections(report);
    RunSections.add(page, "What was compared", candidates());
    RunSections.add(page, "Course of the run", curves());
    RunSections.add(page, "Weight and quality of the rows", histograms());
    RunSections.add(page, "Detection of the bad labels", detection());
    RunSections.add(page, "Given and suggested labels", labels.matrix());
    RunSections.add(page, "Most suspicious rows", labels.suspicious());
    run.addTo(page);
    return page;
  }

  private void head(Page page, long passes) {
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
    page.warnings(report.run().warnings());
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
    Table table =
        NumberColumn.fill(
            new Table("Models fitted on these rows").words("model"),
            all,
            one -> List.of(RunSections.modelName(one.name(), one.selected())),
            List.of(
                new NumberColumn<>("held-out accuracy", 3, Candidate::heldOutAccuracy),
                new NumberColumn<>("held-out loss", 4, Candidate::heldOutLoss),
                new NumberColumn<>("calibrated", 4, Candidate::calibratedLoss),
                new NumberColumn<>("test accuracy", 3, Candidate::testAccuracy),
                new NumberColumn<>("test loss", 4, Candidate::testLoss),
                new NumberColumn<>("AUROC", 3, Candidate::auroc),
                new NumberColumn<>("average precision", 3, Candidate::averagePrecision)),
            Candidate::selected);
    List<Markup> content = new ArrayList<>();
    content.add(table.markup());
    content.add(
        Page.note(
            "Of the bilevel model and its refit the one with the lower loss on the held-out trusted"
                + " rows is returned, or a plain model where it is better there by more than one"
                + " standard error, also in the calibrated loss: that at the temperature that suits"
                + " each model best, where too much or too little certainty does not count. The"
                + " test rows take no part in the choice."
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
    return NumberColumn.fill(
            new Table("Outer iterations; the best is marked").number("iteration").number("passes"),
            report.history(),
            one ->
                List.of(
                    Markup.text(Numbers.count(one.iteration())),
                    Markup.text(Numbers.count(one.passes()))),
            List.of(
                new NumberColumn<>("seconds", 2, Iterate::seconds),
                new NumberColumn<>("upper objective", 4, Iterate::upperObjective),
                new NumberColumn<>("held-out loss", 4, Iterate::heldOutObjective),
                new NumberColumn<>("lower objective", 4, Iterate::lowerObjective),
                NumberColumn.significant("lower gradient", Iterate::lowerGradientNorm),
                NumberColumn.significant("hypergradient", Iterate::hypergradientNorm),
                new NumberColumn<>("held-out accuracy", 3, Iterate::heldOutAccuracy),
                new NumberColumn<>("test loss", 4, Iterate::testLoss),
                new NumberColumn<>("test accuracy", 3, Iterate::testAccuracy)),
            one -> one.iteration() == report.bestIteration())
        .markup();
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
}
