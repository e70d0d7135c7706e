package io.github.sparkbilevel.job.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.sparkbilevel.job.output.Json;
import io.github.sparkbilevel.job.output.OutputFolder;
import io.github.sparkbilevel.job.report.Page;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/**
 * What a job found: one tree of named figures, from which its summary, its report and the metrics
 * of MLflow are made.
 *
 * @param summary the figures of {@code summary.json}
 * @param report the page; empty for a job that has none
 */
public record RunResult(ObjectNode summary, Optional<Page> report) {

  /** The result of a job without a page. */
  public static RunResult of(ObjectNode summary) {
    return new RunResult(summary, Optional.empty());
  }

  /** The result of a job with a page. */
  public static RunResult of(ObjectNode summary, Page report) {
    return new RunResult(summary, Optional.of(report));
  }

  /** Writes the report and, by which a folder is known as an output, last the summary. */
  public void write(OutputFolder output) throws IOException {
    if (report.isPresent()) {
      output.writeText("report.html", report.get().html());
    }
    output.writeText(OutputFolder.SUMMARY, Json.pretty(summary));
  }

  /** The numbers of the summary by their paths; lists have none. */
  Map<String, Double> numbers() {
    return Json.numbers("summary", summary);
  }
}
