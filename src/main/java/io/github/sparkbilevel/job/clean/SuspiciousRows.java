package io.github.sparkbilevel.job.clean;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.sparkbilevel.data.ClassIndex;
import io.github.sparkbilevel.data.Example;
import io.github.sparkbilevel.data.Table;
import io.github.sparkbilevel.job.output.Json;
import io.github.sparkbilevel.job.report.LabelledRows;
import io.github.sparkbilevel.job.report.LabelledRows.Suspicious;
import io.github.sparkbilevel.job.report.Picture;
import io.github.sparkbilevel.ml.CleaningRun;
import io.github.sparkbilevel.ml.ScoreFigures;
import io.github.sparkbilevel.spark.score.RowScore;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads what the report of a cleaning job shows of the training rows. */
record SuspiciousRows(CleaningRun run) {
  /** The counts of all rows, and the rows whose labels the selected model believes least. */
  LabelledRows with(ScoreFigures figures) {
    Table train = run.data().tables().train();
    ClassIndex classes = run.data().tables().classes();
    List<RowScore> worst = figures.worst();
    Set<Long> ids = new HashSet<>();
    worst.forEach(row -> ids.add(row.id()));
    Map<Long, Example> examples = new HashMap<>();
    train
        .examples()
        .filter(row -> ids.contains(row.id()))
        .collect()
        .forEach(row -> examples.put(row.id(), row));
    return new LabelledRows(
        figures.weights(),
        figures.quality(),
        classes.names(),
        figures.pairs(),
        worst.stream()
            .map(
                score ->
                    new Suspicious(
                        figures(score, examples.get(score.id()), classes),
                        Picture.canBe(train.columns())
                            ? Picture.of(examples.get(score.id()).features().toArray())
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
