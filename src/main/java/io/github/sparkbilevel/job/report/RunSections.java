package io.github.sparkbilevel.job.report;

import io.github.sparkbilevel.job.report.RunReport.DataSource;
import io.github.sparkbilevel.job.report.RunReport.Facts;
import io.github.sparkbilevel.job.report.RunReport.PassGroup;
import io.github.sparkbilevel.job.report.RunReport.Timing;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The parts that the page of every job has: its title, and what was run, at what cost. */
final class RunSections {
  private static final int NAME_LENGTH = 80;

  private final RunReport run;

  RunSections(RunReport run) {
    this.run = run;
  }

  /** An empty page with the title of the run. */
  Page page() {
    return new Page("spark-bilevel · " + word(run.facts().job()), word(run.facts().title()));
  }

  /** Passes over the data, all names together. */
  long passes() {
    return run.passes().stream().mapToLong(PassGroup::count).sum();
  }

  /** Adds the last sections and the foot. */
  void addTo(Page page) {
    add(page, "What was run", facts());
    add(page, "Passes and time", costs());
    if (run.settings() != null && !run.settings().isBlank()) {
      page.section(
          "Settings",
          Page.folded("The job file with every key resolved", Page.listing(run.settings())));
    }
    page.foot(
        "spark-bilevel %s · %s"
            .formatted(word(run.facts().version()), word(run.facts().started())));
  }

  /** Adds a section; one without content is left out. */
  static void add(Page page, String title, List<Markup> content) {
    page.section(title, content.toArray(new Markup[0]));
  }

  /** A word to put into a sentence, empty when it is absent. */
  static String word(String text) {
    return text == null ? "" : text;
  }

  /** The name of a model in a table of them, with a badge on the selected one. */
  static Markup modelName(String name, boolean selected) {
    Markup shown = Markup.clipped(name, NAME_LENGTH);
    return selected
        ? Markup.all(shown, Markup.element("span", "selected").with("class", "badge"))
        : shown;
  }

  private List<Markup> facts() {
    Facts known = run.facts();
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("Job", known.job());
    facts.put("Model", known.model());
    facts.put("Upper variable", known.upperVariable());
    facts.put("Algorithm", known.algorithm());
    facts.put("Curvature", known.curvature());
    facts.put("Features", known.features() < 0 ? "" : Numbers.count(known.features()));
    facts.put("Classes", known.classes() < 0 ? "" : Numbers.count(known.classes()));
    facts.put("Seed", Long.toString(known.seed()));
    facts.put("Started", known.started());
    facts.put("Spark master", known.sparkMaster());
    facts.put("Version", known.version());
    List<Markup> content = new ArrayList<>(List.of(Page.facts(facts)));
    if (!known.data().isEmpty()) {
      Table table = new Table("Data").words("role").words("from").number("rows");
      for (DataSource source : known.data()) {
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
    if (!run.passes().isEmpty()) {
      Table table = new Table("Pass ledger").words("pass").words("kernels").number("passes");
      table.number("bytes out", "broadcast to the executors, all passes together");
      table.number("bytes back", "reduced to the driver, all passes together");
      table.number("median ms").number("total ms");
      for (PassGroup pass : run.passes()) {
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
    if (!run.timings().isEmpty()) {
      Table table = new Table("Time by phase").words("phase").number("seconds");
      for (Timing timing : run.timings()) {
        table.row(timing.phase(), Numbers.fixed(timing.seconds(), 2));
      }
      content.add(table.markup());
    }
    return content;
  }
}
