package io.github.sparkbilevel.job.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.sparkbilevel.job.output.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The page of a benchmark: the table, and the distance from the lowest value by every cost. */
public final class BenchmarkPage {
  /** Algorithms whose curves are drawn, at most. */
  private static final int MOST_CURVES = Tone.values().length;

  private final List<? extends JsonNode> contenders;
  private final List<? extends JsonNode> points;
  private final double lowest;

  private BenchmarkPage(List<? extends JsonNode> contenders, List<? extends JsonNode> points) {
    this.contenders = contenders;
    this.points = points;
    lowest =
        points.stream()
            .mapToDouble(point -> Json.number(point, "upperObjective"))
            .filter(Double::isFinite)
            .min()
            .orElse(Double.NaN);
  }

  /**
   * The whole page.
   *
   * @param contenders a row of figures for each algorithm, in the order of the table
   * @param points the figures of {@code results.csv}
   */
  public static Page of(
      RunDescription run,
      JsonNode summary,
      List<? extends JsonNode> contenders,
      List<? extends JsonNode> points) {
    return new BenchmarkPage(contenders, points).page(new RunPage(run, summary));
  }

  private Page page(RunPage run) {
    Map<String, String> figures = new LinkedHashMap<>();
    figures.put("lowest upper objective", Numbers.significant(lowest));
    figures.put("algorithms", Numbers.count(contenders.size()));
    figures.put(
        "runs",
        Numbers.count(
            contenders.stream().mapToLong(row -> row.path("repetitions").asLong()).sum()));
    Page page = run.page(contenders.isEmpty() ? "" : sentence(contenders.get(0)), figures, "");
    page.section(
        "Sorted by time to target",
        table(),
        Page.note(
            "Every λ is judged alike, by the validation loss of the model that it trains, solved to"
                + " accuracy outside the clock and the account of passes. Step lengths that an"
                + " algorithm measures and its warm-up count as its own. An evaluation follows"
                + " iterations that are each 1.15 times the one before, so that a target may have"
                + " been reached a little earlier."));
    page.section(
        "Distance from the lowest value",
        curves(),
        Page.note(
            "The first run of each of the first %d algorithms of the table; both axes are"
                    .formatted(MOST_CURVES)
                + " logarithmic, so a start at 0 is not drawn, nor is the point of the lowest value"
                + " itself."));
    page.section("What does not apply", refused());
    return run.end(page);
  }

  private static String sentence(JsonNode best) {
    double seconds = Json.number(best, "target/seconds/median");
    String name = Json.text(best, "name");
    return Double.isNaN(seconds)
        ? "%s comes to the lowest upper objective, %s."
            .formatted(name, Numbers.significant(Json.number(best, "leastUpperObjective/median")))
        : "%s is the first at the target, after %s s and %s passes."
            .formatted(
                name,
                Numbers.significant(seconds),
                Numbers.significant(Json.number(best, "target/passes/median")));
  }

  private static boolean applies(JsonNode contender) {
    return !contender.has("objection");
  }

  private Markup table() {
    List<? extends JsonNode> rows = contenders.stream().filter(BenchmarkPage::applies).toList();
    double target = rows.isEmpty() ? Double.NaN : Json.number(rows.get(0), "target/value");
    return new Table(
            "Medians over the runs",
            RunPage.models("algorithm"),
            Column.count("runs", "repetitions"),
            Column.count("runs at the target " + Numbers.significant(target), "target/reached"),
            Column.significant("seconds to it", "target/seconds/median", 4),
            Column.significant("passes to it", "target/passes/median", 4),
            Column.significant("rows touched to it", "target/rows/median", 4),
            Column.significant("least upper objective", "leastUpperObjective/median", 6),
            Column.significant("passes in all", "passes/median", 4),
            Column.significant("seconds in all", "seconds/median", 4))
        .marking(row -> row == rows.get(0))
        .of(rows);
  }

  private Markup curves() {
    return Page.sideBySide(
        List.of(
            plot("by second", "seconds", "seconds"),
            plot("by pass", "passes", "passes"),
            plot("by rows touched", "rows", "rows"),
            plot("by gradient", "gradients", "gradients"),
            plot("by Hessian product", "Hessian products", "products")));
  }

  private Markup plot(String by, String axis, String cost) {
    LinePlot plot = new LinePlot("Distance " + by, axis).logarithmic().horizontalLogarithmic();
    int drawn = 0;
    for (JsonNode contender : contenders.stream().filter(BenchmarkPage::applies).toList()) {
      if (drawn < MOST_CURVES) {
        plot.series(
            Json.text(contender, "name"),
            Tone.values()[drawn++],
            firstRun(Json.text(contender, "name")),
            point -> Json.number(point, cost),
            point -> Json.number(point, "upperObjective") - lowest);
      }
    }
    return plot.markup();
  }

  private List<? extends JsonNode> firstRun(String name) {
    List<? extends JsonNode> all =
        points.stream().filter(point -> Json.text(point, "run").equals(name)).toList();
    return all.stream()
        .filter(point -> point.path("seed").equals(all.get(0).path("seed")))
        .filter(point -> Json.number(point, "passes") > 0)
        .toList();
  }

  private Markup refused() {
    Map<String, String> reasons = new LinkedHashMap<>();
    for (JsonNode contender : contenders) {
      reasons.put(Json.text(contender, "name"), Json.text(contender, "objection"));
    }
    return Page.facts(reasons);
  }
}
