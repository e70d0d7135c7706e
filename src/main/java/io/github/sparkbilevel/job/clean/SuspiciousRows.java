package io.github.sparkbilevel.job.clean;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.sparkbilevel.data.ClassIndex;
import io.github.sparkbilevel.data.Example;
import io.github.sparkbilevel.data.PreparedTables;
import io.github.sparkbilevel.data.Table;
import io.github.sparkbilevel.job.output.Json;
import io.github.sparkbilevel.job.report.LabelledRows;
import io.github.sparkbilevel.job.report.LabelledRows.Suspicious;
import io.github.sparkbilevel.job.report.Picture;
import io.github.sparkbilevel.ml.ScoreFigures;
import io.github.sparkbilevel.spark.score.RowScore;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * What the report of a cleaning job shows of the training rows.
 *
 * @param examples the rows whose labels the selected model believes least, as read
 */
record SuspiciousRows(PreparedTables tables, Collection<Example> examples) {

  /** The counts of all rows, and the rows whose labels the selected model believes least. */
  LabelledRows with(ScoreFigures figures) {
    Table train = tables.train();
    ClassIndex classes = tables.classes();
    Map<Long, Example> byId = new HashMap<>();
    examples.forEach(row -> byId.put(row.id(), row));
    return new LabelledRows(
        figures.weights(),
        figures.quality(),
        classes.names(),
        figures.pairs(),
        figures.worst().stream()
            .map(
                score ->
                    new Suspicious(
                        figures(score, byId.get(score.id()), classes),
                        Picture.canBe(train.columns())
                            ? Picture.of(byId.get(score.id()).features().toArray())
                            : null))
            .toList());
  }

  private static ObjectNode figures(RowScore score, Example row, ClassIndex classes) {
    ObjectNode figures =
        Json.object()
            .put("id", row.displayId())
            .put("given", row.label())
            .put("suggested", classes.name((int) score.suggested()[0]))
            .put("quality", score.quality()[0])
            .put("weight", score.weight());
    return row.truth() == null || row.truth().isEmpty()
        ? figures
        : figures.put("truth", row.truth());
  }
}
