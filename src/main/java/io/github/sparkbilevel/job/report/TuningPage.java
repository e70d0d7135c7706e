package io.github.sparkbilevel.job.report;

import static io.github.sparkbilevel.job.report.RunSections.word;

import io.github.sparkbilevel.job.report.TuningReport.Candidate;
import io.github.sparkbilevel.job.report.TuningReport.Headline;
import io.github.sparkbilevel.job.report.TuningReport.Hyperparameters;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The page of a tuning job: what a {@link TuningReport} says, in words, figures and tables. */
public final class TuningPage {
  private final TuningReport report;

  private TuningPage(TuningReport report) {
    this.report = report;
  }

  /** The whole page, ready to be written to a file in UTF-8. */
  public static String html(TuningReport report) {
    return new TuningPage(report).page().html();
  }

  private Page page() {
    RunSections run = new RunSections(report.run());
    Page page = run.page();
    head(page, run.passes());
    CourseSections course = new CourseSections(report);
    RunSections.add(page, "What was compared", candidates());
    RunSections.add(page, "Course of the run", course.curves());
    RunSections.add(page, "One penalty for all", course.grid());
    if (report.hyperparameters() != null) {
      RunSections.add(page, "Hyperparameters", new PenaltySections(report).all());
    }
    run.addTo(page);
    return page;
  }

  private void head(Page page, long passes) {
    Map<String, String> figures = new LinkedHashMap<>();
    Headline headline = report.headline();
    if (headline != null && Double.isFinite(headline.end())) {
      page.headline(sentence(headline));
      figures.put("validation loss", Numbers.significant(headline.end()));
    }
    if (headline != null && Double.isFinite(headline.test())) {
      figures.put(word(headline.testMetric()), Numbers.significant(headline.test()));
    }
    Hyperparameters tuned = report.hyperparameters();
    if (tuned != null) {
      if (tuned.count() >= 0) {
        figures.put("hyperparameters", Numbers.count(tuned.count()));
      }
      if (tuned.dropped() >= 0) {
        figures.put(tuned.unit() + " dropped", Numbers.count(tuned.dropped()));
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
                page.lead("Selected by the validation loss: %s.".formatted(word(selected.name()))));
    page.warnings(report.run().warnings());
  }

  private static String sentence(Headline headline) {
    String course =
        Double.isFinite(headline.start())
            ? "Validation loss %s → %s"
                .formatted(
                    Numbers.significant(headline.start()), Numbers.significant(headline.end()))
            : "Validation loss " + Numbers.significant(headline.end());
    return Double.isFinite(headline.bestSinglePenalty())
        ? "%s; the best single penalty reaches %s."
            .formatted(course, Numbers.significant(headline.bestSinglePenalty()))
        : course + ".";
  }

  private List<Markup> candidates() {
    if (report.candidates().isEmpty()) {
      return List.of();
    }
    Table table =
        NumberColumn.fill(
            new Table("Models fitted on these rows").words("model"),
            report.candidates(),
            one -> List.of(RunSections.modelName(one.name(), one.selected())),
            List.of(
                NumberColumn.count("evaluations", Candidate::evaluations),
                NumberColumn.significant("validation loss", 6, Candidate::upperObjective),
                new NumberColumn<>("test loss", 4, Candidate::testLoss),
                new NumberColumn<>("test accuracy", 4, Candidate::testAccuracy),
                NumberColumn.significant("test RMSE", Candidate::testRmse),
                NumberColumn.count("passes", Candidate::passes),
                new NumberColumn<>("seconds to its best", 2, Candidate::secondsToBest),
                new NumberColumn<>("seconds in all", 2, Candidate::seconds)),
            Candidate::selected);
    return List.of(
        table.markup(),
        Page.note(
            "An evaluation is a choice of the hyperparameters that was tried, with a fit of its"
                + " own. The validation loss chooses; the test rows take no part in the choice."
                + " Seconds count from the start of each search."));
  }
}
