package io.github.sparkbilevel.job.clean;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.sparkbilevel.data.ClassIndex;
import io.github.sparkbilevel.data.Example;
import io.github.sparkbilevel.data.Labels;
import io.github.sparkbilevel.data.PreparedTables;
import io.github.sparkbilevel.data.RealLabels;
import io.github.sparkbilevel.data.Table;
import io.github.sparkbilevel.job.output.Json;
import io.github.sparkbilevel.job.report.LabelledRows;
import io.github.sparkbilevel.job.report.LabelledRows.Suspicious;
import io.github.sparkbilevel.job.report.Picture;
import io.github.sparkbilevel.job.run.JobContext;
import io.github.sparkbilevel.ml.ScoreFigures;
import io.github.sparkbilevel.spark.score.RowScore;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What the report of a cleaning job shows of the training rows.
 *
 * @param examples the rows that stand out, as read
 */
record SuspiciousRows(JobContext context, PreparedTables tables, Collection<Example> examples) {

  /**
   * Whether rows are shown as pictures: as many features as a square has, as the source has them.
   */
  static boolean arePictures(JobContext context, Table table) {
    return !context.notices().hasPlan() && Picture.canBe(table.columns());
  }

  /** The counts of all rows, and the rows that stand out. */
  LabelledRows with(ScoreFigures figures) {
    ClassIndex classes = tables.classes();
    Map<Long, Example> byId = new HashMap<>();
    examples.forEach(row -> byId.put(row.id(), row));
    return new LabelledRows(
        figures.weights(),
        figures.quality(),
        classes.names(),
        figures.pairs(),
        new LabelledRows.Shown(
            shown(figures.extremes().worst(), byId),
            shown(figures.extremes().harmful(), byId),
            shown(figures.extremes().helpful(), byId)));
  }

  private List<Suspicious> shown(List<RowScore> scores, Map<Long, Example> byId) {
    boolean pictures = arePictures(context, tables.train());
    return scores.stream()
        .map(
            score ->
                new Suspicious(
                    figures(score, byId.get(score.id()), tables.labels()),
                    pictures ? Picture.of(byId.get(score.id()).features().toArray()) : null))
        .toList();
  }

  /** A prediction has no more digits than are to be believed. */
  private static String shown(Labels labels, double label) {
    return labels instanceof RealLabels
        ? String.format(Locale.ROOT, "%.6g", label)
        : labels.spelled(label);
  }

  private static ObjectNode figures(RowScore score, Example row, Labels labels) {
    ObjectNode figures =
        Json.object()
            .put("id", row.displayId())
            .put("given", shown(labels, score.label()))
            .put("suggested", shown(labels, score.suggested()[0]))
            .put("quality", score.quality()[0])
            .put("weight", score.weight())
            .put("influence", score.influence());
    return row.truth() == null || row.truth().isEmpty()
        ? figures
        : figures.put("truth", row.truth());
  }
}
