package io.github.sparkbilevel.job.clean;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.sparkbilevel.data.Example;
import io.github.sparkbilevel.data.Labels;
import io.github.sparkbilevel.data.RealLabels;
import io.github.sparkbilevel.data.Table;
import io.github.sparkbilevel.job.output.RowWriter;
import io.github.sparkbilevel.job.report.CleaningPage;
import io.github.sparkbilevel.job.report.Page;
import io.github.sparkbilevel.job.run.JobContext;
import io.github.sparkbilevel.job.run.Progress;
import io.github.sparkbilevel.job.run.RunFacts;
import io.github.sparkbilevel.job.run.RunResult;
import io.github.sparkbilevel.job.run.SavedModel;
import io.github.sparkbilevel.job.run.Summaries;
import io.github.sparkbilevel.ml.CleaningRun;
import io.github.sparkbilevel.ml.DetectionReport;
import io.github.sparkbilevel.ml.prepare.PreparedData;
import io.github.sparkbilevel.spark.score.RowScore;
import io.github.sparkbilevel.spark.score.ScoredRows;
import io.github.sparkbilevel.spark.score.ScoredRows.Scored;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.CollectionAccumulator;
import scala.Tuple2;

/**
 * Writes what a cleaning job found, and makes its summary and its report.
 *
 * @param progress what was told of the run on its way
 * @param readSeconds spent on reading
 */
record CleanOutputs(JobContext context, CleaningRun run, Progress progress, double readSeconds) {

  /** The columns of the scores, but for the type of the id. */
  static final StructType SCORES = scoresSchema(DataTypes.LongType, DataTypes.StringType);

  private static final ArrayType SOFT_LABELS =
      DataTypes.createArrayType(DataTypes.DoubleType, false);

  private static StructType scoresSchema(DataType id, DataType label) {
    return new StructType()
        .add("id", id, false)
        .add("label", label, false)
        .add("weight", DataTypes.DoubleType, false)
        .add("quality", DataTypes.DoubleType, false)
        .add("flagged", DataTypes.BooleanType, false)
        .add("suggestedLabel", label, false)
        .add("influence", DataTypes.DoubleType, true);
  }

  private StructType scoresSchema() {
    return scoresSchema(
        isNamed() ? DataTypes.StringType : DataTypes.LongType,
        labels() instanceof RealLabels ? DataTypes.DoubleType : DataTypes.StringType);
  }

  private StructType cleanedSchema() {
    StructType scores = scoresSchema();
    StructType schema =
        new StructType()
            .add(scores.apply("id"))
            .add(scores.apply("label"))
            .add("features", SQLDataTypes.VectorType(), false)
            .add(scores.apply("weight"));
    return context.config().output().softLabels()
        ? schema.add("softLabels", SOFT_LABELS, false)
        : schema;
  }

  private boolean isNamed() {
    return run.data().tables().train().ids() == Table.Ids.TEXTS;
  }

  private Labels labels() {
    return run.data().tables().labels();
  }

  /** A label as it is written: a name, or a real number. */
  private static Object cell(Labels labels, double label) {
    return labels instanceof RealLabels ? (Object) label : labels.spelled(label);
  }

  RunResult write() throws IOException {
    long start = System.nanoTime();
    progress.outputs("ranking the rows by their scores");
    DetectionReport detection = run.detection();
    double ranking = (System.nanoTime() - start) / 1e9;
    Set<Long> shown =
        detection.figures().extremes().all().map(RowScore::id).collect(Collectors.toSet());
    Collection<Example> suspicious = writeRows(run.scored().rows(), shown);
    SavedModel.write(context, run.trained());
    new ReviewOutputs(context, run).write();
    progress.history().finish(run.course().history());
    ObjectNode summary = new CleanSummary(run, detection).of(context);
    summary.set(
        "seconds",
        Summaries.seconds(context, run, readSeconds)
            .put("ranking", ranking)
            .put("write", (System.nanoTime() - start) / 1e9 - ranking));
    context.console().line(CleanSummary.sentence(summary));
    Page page =
        CleaningPage.of(
            RunFacts.of(context, summary, "trusted"),
            summary,
            progress.history().of(run.course().history()),
            new SuspiciousRows(context, run.data().tables(), suspicious).with(detection.figures()));
    return RunResult.of(summary, page);
  }

  /**
   * Writes each table from where the scores are, so that rows come by partition.
   *
   * @return the rows with some ids, as they were read: met on the way, or else read for themselves
   */
  private Collection<Example> writeRows(JavaRDD<RowScore> scores, Set<Long> wanted) {
    Table train = run.data().tables().train();
    Labels labels = labels();
    boolean named = isNamed();
    JavaRDD<Scored<Object>> identified =
        named
            ? beside(scores, Example::displayId)
            : scores.map(score -> new Scored<>(score.id(), score));
    String format = context.config().output().format();
    write(
        "scores",
        identified.map(
            pair ->
                RowFactory.create(
                    pair.row(),
                    cell(labels, pair.score().label()),
                    pair.score().weight(),
                    pair.score().quality()[0],
                    pair.score().flagged(),
                    cell(labels, pair.score().suggested()[0]),
                    Double.isNaN(pair.score().influence()) ? null : pair.score().influence())),
        scoresSchema(),
        null);
    switch (context.config().output().cleaned()) {
      case "rows" -> {
        Optional<SourceRows> source = SourceRows.of(context, run.data().tables());
        if (source.isPresent()) {
          writeSource(source.get(), softly(scores));
          break;
        }
        CollectionAccumulator<Example> met =
            context.spark().sparkContext().collectionAccumulator("suspicious rows");
        write(
            "cleaned",
            beside(softly(scores), Example::alone)
                .filter(
                    pair -> {
                      if (wanted.contains(pair.score().id())) {
                        met.add(pair.row());
                      }
                      return !pair.score().flagged();
                    })
                .map(pair -> cleaned(pair.row(), named, pair.score(), labels)),
            cleanedSchema(),
            keepsVector(train, format) ? null : train.featureNames());
        return met.value();
      }
      case "ids" ->
          write(
              "cleaned",
              identified
                  .filter(pair -> !pair.score().flagged())
                  .map(pair -> RowFactory.create(pair.row(), pair.score().weight())),
              new StructType(new StructField[] {scoresSchema().apply(0), scoresSchema().apply(2)}),
              null);
      default -> {}
    }
    return train.examples().filter(row -> wanted.contains(row.id())).map(Example::alone).collect();
  }

  /** The rows that are kept, with the columns of their source. */
  private void writeSource(SourceRows source, JavaRDD<RowScore> scores) {
    StructType all = cleanedSchema();
    StructField[] fields = all.fields();
    StructType schema =
        source.between(
            new StructType(Arrays.copyOf(fields, 2)),
            new StructType(Arrays.copyOfRange(fields, 3, fields.length)));
    Labels labels = labels();
    int name = isNamed() ? source.idColumn() : -1;
    int[] kept = source.kept();
    write(
        "cleaned",
        source
            .beside(run, scores)
            .filter(pair -> !pair.score().flagged())
            .map(pair -> cleaned(pair, name, kept, labels)),
        schema,
        null);
  }

  private static Row cleaned(Scored<Row> pair, int name, int[] kept, Labels labels) {
    RowScore score = pair.score();
    double[] soft = score.judged().softLabels();
    List<Object> cells = new ArrayList<>();
    cells.add(name < 0 ? (Object) score.id() : Labels.canonical(pair.row().get(name).toString()));
    cells.add(cell(labels, score.label()));
    for (int j : kept) {
      cells.add(pair.row().get(j));
    }
    cells.add(score.weight());
    if (soft.length > 0) {
      cells.add(soft);
    }
    return RowFactory.create(cells.toArray());
  }

  /** The same scores, with soft labels where they are asked for. */
  private JavaRDD<RowScore> softly(JavaRDD<RowScore> scores) {
    return context.config().output().softLabels() ? run.scored().withSoftLabels() : scores;
  }

  /** A part of each row as read, beside its score. */
  private <R> JavaRDD<Scored<R>> beside(JavaRDD<RowScore> scores, Function<Example, R> part) {
    PreparedData data = run.data();
    return ScoredRows.of(
        data.blocks(),
        data.tables().train().examples().mapToPair(row -> new Tuple2<>(row.id(), part.call(row))),
        scores);
  }

  private void write(String what, JavaRDD<Row> rows, StructType schema, List<String> featureNames) {
    String format = context.config().output().format();
    progress.outputs("writing " + what + "/");
    run.engine()
        .described(
            "write " + what,
            () -> {
              RowWriter.write(
                  RowWriter.named(context.spark(), rows, schema, featureNames),
                  what,
                  featureNames,
                  format,
                  context.output().path(what).toString());
              return null;
            });
  }

  private static Row cleaned(Example row, boolean named, RowScore score, Labels labels) {
    double[] soft = score.judged().softLabels();
    Object id = named ? row.displayId() : (Object) row.id();
    Object label = cell(labels, score.label());
    Object[] cells = {id, label, row.features(), score.weight(), soft};
    return RowFactory.create(soft.length == 0 ? Arrays.copyOf(cells, cells.length - 1) : cells);
  }

  /** Named columns come out as they went in; features that never had names stay one vector. */
  private static boolean keepsVector(Table train, String format) {
    boolean unnamed = train.vectorColumn() || train.inputColumns().isEmpty();
    return unnamed && format.equals("parquet");
  }
}
