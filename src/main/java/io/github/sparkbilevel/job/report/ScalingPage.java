package io.github.sparkbilevel.job.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.sparkbilevel.job.output.Json;
import java.util.LinkedHashMap;
import java.util.Map;

/** The page of a benchmark that measures what cleaning costs: laws, estimates, measurements. */
public final class ScalingPage {
  private static final String[] STEPS = {"load", "pass", "iteration", "ranking", "write"};

  private static final Table LAWS =
      new Table(
          "Seconds of each step: the sum of its row, times what heads the columns",
          Column.words("step", "name", Integer.MAX_VALUE),
          Column.significant("constant", "constant", 3),
          Column.significant("bytes / cores", "perByte", 3),
          Column.significant("flops / cores", "perFlop", 3),
          Column.significant("partitions / cores", "perPartition", 3),
          Column.number("error", "relativeError", Numbers::percent)
              .hint("root mean square of the relative errors of the fit"),
          Column.number("largest error", "largestError", Numbers::percent));

  private static final Table ESTIMATES =
      new Table(
          "Seconds on a cluster",
          Column.count("executors", "executors"),
          Column.count("cores", "cores"),
          Column.count("partitions", "partitions"),
          seconds("load"),
          seconds("pass"),
          Column.significant("to launch it", "launchSecondsOfPass", 3)
              .hint("what the driver takes to launch the tasks of a pass"),
          Column.significant("of it network", "networkSecondsOfPass", 3),
          Column.number("bytes to the driver", "driverBytesOfPass", Numbers::bytes),
          seconds("iteration"),
          seconds("ranking"),
          seconds("write"),
          seconds("job"));

  private ScalingPage() {}

  /** The whole page. */
  public static Page of(RunDescription run, JsonNode summary) {
    RunPage parts = new RunPage(run, summary);
    JsonNode estimates = summary.path("estimates");
    JsonNode last = estimates.path(estimates.size() - 1);
    Map<String, String> figures = new LinkedHashMap<>();
    figures.put("jobs measured", Numbers.count(summary.path("measurements").size()));
    figures.put("largest error of a law", Numbers.percent(largestError(summary)));
    Page page =
        parts.page(
            "%s rows of %s features take about %s s on %s executors."
                .formatted(
                    Numbers.count(summary.path("cluster").path("rows").asLong()),
                    Numbers.count(summary.path("cluster").path("features").asLong()),
                    Numbers.significant(Json.number(last, "seconds/job"), 3),
                    Numbers.count(last.path("executors").asLong())),
            figures,
            "");
    page.section(
        "Estimates",
        ESTIMATES.of(estimates),
        Page.note(
            "A job loads, takes 40 iterations, ranks and writes; it fits no models to compare with."
                + " A step takes as long as its law says, or as the driver takes to launch its tasks"
                + " where that is longer. What the network of each machine takes comes on top: the"
                + " shuffle of loading, and the sums of each pass."));
    page.section("Laws", LAWS.of(Json.members(summary.path("laws"))));
    page.section(
        "Measurements",
        measured("Seconds, the least of the repetitions", "seconds").of(rows(summary)),
        measured("Seconds by the laws", "fitted").of(rows(summary)));
    return parts.end(page);
  }

  private static JsonNode rows(JsonNode summary) {
    return summary.path("measurements");
  }

  private static double largestError(JsonNode summary) {
    return Json.members(summary.path("laws")).stream()
        .mapToDouble(law -> Json.number(law, "largestError"))
        .max()
        .orElse(Double.NaN);
  }

  private static Column seconds(String step) {
    return Column.significant(step, "seconds/" + step, 3);
  }

  private static Table measured(String caption, String figures) {
    Column[] columns = new Column[5 + STEPS.length];
    String[] shape = {"rows", "features", "classes", "partitions", "cores"};
    for (int j = 0; j < shape.length; j++) {
      columns[j] = Column.count(shape[j], shape[j]);
    }
    for (int j = 0; j < STEPS.length; j++) {
      columns[shape.length + j] = Column.significant(STEPS[j], figures + "/" + STEPS[j], 3);
    }
    return new Table(caption, columns);
  }
}
