package io.github.sparkbilevel.job.run;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.sparkbilevel.job.output.Json;
import io.github.sparkbilevel.ml.EstimatorRun;
import io.github.sparkbilevel.ml.RunSummary;
import io.github.sparkbilevel.ml.Version;
import io.github.sparkbilevel.ml.prepare.PreparedData;
import io.github.sparkbilevel.problem.pass.PassLedger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The parts that the summaries of several jobs have. */
public final class Summaries {
  private Summaries() {}

  /** What every summary begins with. */
  public static ObjectNode of(JobContext context) {
    ObjectNode summary =
        Json.object()
            .put("job", context.config().job())
            .put("version", Version.current())
            .put("seed", context.config().seed());
    summary.set("notices", context.notices().tree());
    summary.set("columns", context.notices().columns());
    return summary;
  }

  /** What the summary of a job on one data set begins with. */
  public static ObjectNode of(JobContext context, PreparedData data) {
    ObjectNode summary = of(context);
    summary.set("rows", Json.tree(RunSummary.Rows.of(data)));
    int classes = data.tables().labels().size();
    summary.put("features", data.tables().train().columns()).put("classes", classes);
    List<String> labels = data.tables().labelColumns();
    summary.set("labels", Json.tree(classes == 0 ? labels : data.tables().classes().names()));
    return summary;
  }

  /** What the summary of a run of an estimator begins with. */
  public static ObjectNode of(JobContext context, EstimatorRun run) {
    RunSummary found = RunSummary.of(run);
    ObjectNode summary =
        of(context, run.data()).put("algorithm", context.config().solver().algorithm());
    summary.setAll(Json.<ObjectNode>tree(found.solver()));
    summary
        .put("iterations", found.history().size() - 1)
        .put("passes", found.cost().passesByPhase().outer());
    return summary.setAll(Json.<ObjectNode>tree(found.cost()));
  }

  /**
   * Seconds so far of a job that runs an estimator.
   *
   * @param read spent on reading
   */
  public static ObjectNode seconds(JobContext context, EstimatorRun run, double read) {
    ObjectNode seconds = seconds(context);
    seconds.setAll(Json.<ObjectNode>tree(run.seconds()));
    return seconds.put("load", read + run.seconds().load());
  }

  /** Seconds so far, in all and until the session was there, to which a job adds its phases. */
  public static ObjectNode seconds(JobContext context) {
    return Json.object()
        .put("total", context.totalSeconds())
        .put("startup", context.startupSeconds());
  }

  /** The passes of each phase under each name, in the order in which they first ran. */
  public static ArrayNode ledger(PassLedger ledger) {
    Map<List<String>, List<PassLedger.Entry>> groups = new LinkedHashMap<>();
    for (PassLedger.Entry entry : ledger.entries()) {
      List<String> key = List.of(entry.phase().name(), entry.name(), entry.kernels());
      groups.computeIfAbsent(key, unused -> new ArrayList<>()).add(entry);
    }
    ArrayNode rows = Json.array();
    for (List<PassLedger.Entry> group : groups.values()) {
      double[] millis = group.stream().mapToDouble(PassLedger.Entry::millis).sorted().toArray();
      PassLedger.Entry first = group.get(0);
      rows.addObject()
          .put("phase", first.phase().label())
          .put("pass", first.name())
          .put("kernels", first.kernels())
          .put("passes", group.size())
          .put("bytesOut", group.stream().mapToLong(PassLedger.Entry::bytesOut).sum())
          .put("bytesBack", group.stream().mapToLong(PassLedger.Entry::bytesBack).sum())
          .put("medianMillis", millis[millis.length / 2])
          .put("totalMillis", Arrays.stream(millis).sum());
    }
    return rows;
  }
}
