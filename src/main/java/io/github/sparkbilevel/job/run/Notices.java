package io.github.sparkbilevel.job.run;

import com.fasterxml.jackson.databind.node.ArrayNode;
import io.github.sparkbilevel.data.Notice;
import io.github.sparkbilevel.job.output.Json;
import io.github.sparkbilevel.ml.columns.PlannedColumn;
import java.util.ArrayList;
import java.util.List;

/** Prints the notices of a run and keeps them for the summary and the report; each once. */
public final class Notices {
  private final Console console;
  private final List<Notice> all = new ArrayList<>();
  private List<PlannedColumn> columns = List.of();

  /** Starts without any. */
  public Notices(Console console) {
    this.console = console;
  }

  /** Prints and keeps a notice, unless it was added before. */
  public synchronized void add(Notice notice) {
    if (!all.contains(notice)) {
      all.add(notice);
      console.warn(notice.text());
    }
  }

  /** Prints and keeps what columns become. */
  public synchronized void tell(List<PlannedColumn> plan) {
    columns = List.copyOf(plan);
    console.line("what the columns become:");
    for (PlannedColumn column : plan) {
      console.line(
          "  %-24s %-10s %-9s %s"
              .formatted(column.name(), column.type(), column.became().word(), column.reason()));
    }
  }

  /** Whether features were made of columns. */
  public synchronized boolean hasPlan() {
    return !columns.isEmpty();
  }

  /** What columns became as {@code summary.json} lists it; empty where nothing was planned. */
  synchronized ArrayNode columns() {
    ArrayNode tree = Json.array();
    for (PlannedColumn column : columns) {
      tree.addObject()
          .put("name", column.name())
          .put("type", column.type())
          .put("became", column.became().word())
          .put("reason", column.reason());
    }
    return tree;
  }

  /** The notices so far as {@code summary.json} lists them. */
  synchronized ArrayNode tree() {
    ArrayNode tree = Json.array();
    for (Notice notice : all) {
      tree.addObject()
          .put("code", notice.code().label())
          .put("text", notice.text())
          .put("count", notice.count());
    }
    return tree;
  }
}
