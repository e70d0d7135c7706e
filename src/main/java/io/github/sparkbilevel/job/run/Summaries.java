package io.github.sparkbilevel.job.run;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.sparkbilevel.job.output.Json;
import io.github.sparkbilevel.ml.Version;
import io.github.sparkbilevel.ml.prepare.PreparedData;
import io.github.sparkbilevel.problem.pass.PassLedger;
import io.github.sparkbilevel.problem.pass.PassLedger.Phase;
import io.github.sparkbilevel.spark.rows.DataRow.Part;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
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
    return summary;
  }

  /** What the summary of a job on one data set begins with. */
  public static ObjectNode of(JobContext context, PreparedData data) {
    ObjectNode summary = of(context);
    Map<Part, Long> rows = data.blocks().rows();
    summary
        .putObject("rows")
        .put("train", rows.get(Part.TRAIN))
        .put("validation", rows.get(Part.UPPER) + rows.get(Part.HELD_OUT))
        .put("heldOut", rows.get(Part.HELD_OUT))
        .put("test", rows.get(Part.TEST));
    int classes = data.tables().labels().size();
    summary.put("features", data.tables().train().columns()).put("classes", classes);
    summary.set("labels", Json.tree(classes == 0 ? List.of() : data.tables().classes().names()));
    return summary;
  }

  /** Seconds so far, in all and until the session was there, to which a job adds its phases. */
  public static ObjectNode seconds(JobContext context) {
    return Json.object()
        .put("total", context.totalSeconds())
        .put("startup", context.startupSeconds());
  }

  /** Number of passes of each phase, by its name in camel case. */
  public static ObjectNode passesByPhase(PassLedger ledger, Phase... phases) {
    ObjectNode passes = Json.object();
    for (Phase phase : phases) {
      passes.put(phase == Phase.WARM_UP ? "warmUp" : word(phase), ledger.passes(phase));
    }
    return passes;
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
          .put("phase", word(first.phase()))
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

  /** The word for a constant, such as {@code budget-spent}. */
  public static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
