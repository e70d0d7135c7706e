package io.github.sparkbilevel.job.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.sparkbilevel.job.output.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The parts that the page of every job has: its head, and what was run, at what cost. */
record RunPage(RunDescription run, JsonNode summary) {
  private static final int NAME_LENGTH = 80;
  private static final int PATH_LENGTH = 160;

  private static final Column PHASE =
      Column.words(
          "pass", row -> Markup.text(Json.text(row, "phase") + ": " + Json.text(row, "pass")));
  private static final Table LEDGER =
      new Table(
          "Pass ledger",
          PHASE,
          Column.words("kernels", "kernels", Integer.MAX_VALUE),
          Column.count("passes", "passes"),
          Column.number("bytes out", "bytesOut", Numbers::bytes)
              .hint("broadcast to the executors, all passes together"),
          Column.number("bytes back", "bytesBack", Numbers::bytes)
              .hint("reduced to the driver, all passes together"),
          Column.number("median ms", "medianMillis", Numbers::millis),
          Column.number("total ms", "totalMillis", Numbers::millis));
  private static final Table TIMES =
      new Table(
          "Time by phase",
          Column.words("phase", "name", NAME_LENGTH),
          Column.fixed("seconds", "seconds", 2));
  private static final Table DATA =
      new Table(
          "Data",
          Column.words("role", "role", NAME_LENGTH),
          Column.words("from", "path", PATH_LENGTH),
          Column.count("rows", "rows"));

  private static final Table COLUMNS =
      new Table(
          "What the columns became",
          Column.words("column", "name", NAME_LENGTH),
          Column.words("type", "type", NAME_LENGTH),
          Column.words("became", "became", NAME_LENGTH),
          Column.words("why", "reason", PATH_LENGTH));

  /** A page with the head of the run: what came out in a sentence, in figures, and in a choice. */
  Page page(String headline, Map<String, String> figures, String lead) {
    Page page = new Page("spark-bilevel · " + run.facts().get(RunDescription.JOB), run.title());
    page.headline(headline).figures(figures).lead(lead);
    List<String> warnings = new ArrayList<>();
    summary.path("notices").forEach(notice -> warnings.add(Json.text(notice, "text")));
    return page.warnings(warnings);
  }

  /** Adds the number of passes to the figures of the head, where there were some. */
  Map<String, String> withPasses(Map<String, String> figures) {
    long passes = 0;
    for (JsonNode row : summary.path("ledger")) {
      passes += row.path("passes").asLong();
    }
    Map<String, String> all = new LinkedHashMap<>(figures);
    all.put("passes over the data", passes == 0 ? Numbers.ABSENT : Numbers.count(passes));
    return all;
  }

  /** Adds the last sections and the foot. */
  Page end(Page page) {
    ArrayNode times = Json.array();
    for (Map.Entry<String, JsonNode> phase : summary.path("seconds").properties()) {
      ObjectNode row = times.addObject().put("name", phase.getKey());
      row.set("seconds", phase.getValue());
    }
    Markup ledger = LEDGER.of(summary.path("ledger"));
    Markup note = Page.note("A pass is one Spark job over the cached blocks.");
    String settings = "The job file with every key resolved";
    return page.section(
            "What was run",
            Page.facts(run.facts()),
            DATA.of(run.data()),
            COLUMNS.of(summary.path("columns")))
        .section("Passes and time", ledger, ledger.isEmpty() ? Markup.all() : note, TIMES.of(times))
        .section(
            "Settings",
            run.settings().isBlank()
                ? Markup.all()
                : Page.folded(settings, Page.listing(run.settings())))
        .foot(
            "spark-bilevel %s · %s"
                .formatted(
                    run.facts().get(RunDescription.VERSION),
                    run.facts().get(RunDescription.STARTED)));
  }

  /** A column of the models' names, with a badge on the selected one. */
  static Column models(String title) {
    return Column.words(
        title,
        row -> {
          Markup shown = Markup.clipped(Json.text(row, "name"), NAME_LENGTH);
          return isSelected(row)
              ? Markup.all(shown, Markup.element("span", "selected").with("class", "badge"))
              : shown;
        });
  }

  static boolean isSelected(JsonNode row) {
    return row.path("selected").asBoolean();
  }
}
