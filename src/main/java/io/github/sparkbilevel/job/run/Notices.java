package io.github.sparkbilevel.job.run;

import com.fasterxml.jackson.databind.node.ArrayNode;
import io.github.sparkbilevel.data.Notice;
import io.github.sparkbilevel.job.output.Json;
import java.util.ArrayList;
import java.util.List;

/** Prints the notices of a run and keeps them for the summary and the report; each once. */
public final class Notices {
  private final Console console;
  private final List<Notice> all = new ArrayList<>();

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
