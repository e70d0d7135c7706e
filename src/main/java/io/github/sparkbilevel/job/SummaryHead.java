package io.github.sparkbilevel.job;

import io.github.sparkbilevel.ml.PreparedData;
import io.github.sparkbilevel.ml.Version;
import io.github.sparkbilevel.spark.DataRow.Part;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What every summary begins with: the job and its rows. */
final class SummaryHead {
  private SummaryHead() {}

  static void addTo(Map<String, Object> map, JobContext context, PreparedData data) {
    map.put("job", context.config().job());
    map.put("version", Version.current());
    map.put("seed", context.config().seed());
    map.put("notices", context.notices().asMaps());
    Map<Part, Long> counts = data.blocks().rows();
    Map<String, Object> rows = new LinkedHashMap<>();
    rows.put("train", counts.get(Part.TRAIN));
    rows.put("validation", counts.get(Part.UPPER) + counts.get(Part.HELD_OUT));
    rows.put("heldOut", counts.get(Part.HELD_OUT));
    rows.put("test", counts.get(Part.TEST));
    map.put("rows", rows);
    map.put("features", data.tables().train().columns());
    map.put("classes", data.tables().labels().size());
    map.put("labels", labels(data));
  }

  private static List<String> labels(PreparedData data) {
    return data.tables().labels().size() == 0 ? List.of() : data.tables().classes().names();
  }
}
