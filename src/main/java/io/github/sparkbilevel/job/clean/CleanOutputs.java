package io.github.sparkbilevel.job.clean;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.sparkbilevel.data.ClassIndex;
import io.github.sparkbilevel.data.Example;
import io.github.sparkbilevel.data.Table;
import io.github.sparkbilevel.job.config.JobConfig;
import io.github.sparkbilevel.job.output.OutputFolder;
import io.github.sparkbilevel.job.output.RowWriter;
import io.github.sparkbilevel.job.report.CleaningPage;
import io.github.sparkbilevel.job.report.Page;
import io.github.sparkbilevel.job.run.JobContext;
import io.github.sparkbilevel.job.run.Progress;
import io.github.sparkbilevel.job.run.RunFacts;
import io.github.sparkbilevel.job.run.RunResult;
import io.github.sparkbilevel.job.run.Summaries;
import io.github.sparkbilevel.ml.CleaningRun;
import io.github.sparkbilevel.ml.DetectionReport;
import io.github.sparkbilevel.spark.score.RowScore;
import java.io.IOException;
import java.util.Arrays;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import scala.Tuple2;

/**
 * Writes what a cleaning job found, and makes its summary and its report.
 *
 * @param progress what was told of the run on its way
 * @param readSeconds spent on reading
 */
record CleanOutputs(JobContext context, CleaningRun run, Progress progress, double readSeconds) {

  /** The columns of the scores, but for the type of the id. */
  static final StructType SCORES = scoresSchema(false);

  private static final ArrayType SOFT_LABELS =
      DataTypes.createArrayType(DataTypes.DoubleType, false);

  private static StructType scoresSchema(boolean named) {
    return new StructType()
        .add("id", named ? DataTypes.StringType : DataTypes.LongType, false)
        .add("label", DataTypes.StringType, false)
        .add("weight", DataTypes.DoubleType, false)
        .add("quality", DataTypes.DoubleType, false)
        .add("flagged", DataTypes.BooleanType, false)
        .add("suggestedLabel", DataTypes.StringType, false);
  }

  private static StructType cleanedSchema(boolean named, boolean soft) {
    StructType schema =
        new StructType()
            .add("id", named ? DataTypes.StringType : DataTypes.LongType, false)
            .add("label", DataTypes.StringType, false)
            .add("features", SQLDataTypes.VectorType(), false)
            .add("weight", DataTypes.DoubleType, false);
    return soft ? schema.add("softLabels", SOFT_LABELS, false) : schema;
  }

  RunResult write() throws IOException {
    long start = System.nanoTime();
    DetectionReport detection = run.detection();
    boolean soft = context.config().output().softLabels();
    writeRows(soft ? run.scored().withSoftLabels() : run.scored().rows());
    run.classifier().write().save(context.output().path("model").toString());
    progress.history().finish(run.course().history());
    ObjectNode summary = new CleanSummary(run, detection).of(context);
    summary.set(
        "seconds",
        Summaries.seconds(context, run, readSeconds)
            .put("write", (System.nanoTime() - start) / 1e9));
    context.console().line(CleanSummary.sentence(summary));
    Page page =
        CleaningPage.of(
            RunFacts.of(context, summary, "trusted"),
            summary,
            progress.history().of(run.course().history()),
            new SuspiciousRows(run).with(detection.figures()));
    return RunResult.of(summary, page);
  }

  private ClassIndex classes() {
    return run.data().tables().classes();
  }

  /** Joins scores with the rows as read, for ids, labels and raw features. */
  private void writeRows(JavaRDD<RowScore> scores) {
    JobConfig config = context.config();
    Table train = run.data().tables().train();
    ClassIndex classes = classes();
    boolean named = !train.examples().filter(row -> row.name() != null).isEmpty();
    JavaRDD<Tuple2<Example, RowScore>> joined =
        train
            .examples()
            .mapToPair(row -> new Tuple2<>(row.id(), row))
            .join(scores.mapToPair(row -> new Tuple2<>(row.id(), row)), scores.getNumPartitions())
            .sortByKey(true, scores.getNumPartitions())
            .values()
            .cache();
    try {
      JavaRDD<Row> scoreRows =
          joined.map(
              pair ->
                  RowFactory.create(
                      id(pair._1(), named),
                      pair._1().label(),
                      pair._2().weight(),
                      pair._2().quality()[0],
                      pair._2().flagged(),
                      classes.name((int) pair._2().suggested()[0])));
      JavaRDD<Row> keptRows =
          joined
              .filter(pair -> !pair._2().flagged())
              .map(pair -> cleaned(pair._1(), named, pair._2()));
      SparkSession spark = context.spark();
      String format = config.output().format();
      OutputFolder output = context.output();
      RowWriter.write(
          spark.createDataFrame(scoreRows, scoresSchema(named)),
          "scores",
          null,
          format,
          output.path("scores").toString());
      RowWriter.write(
          spark.createDataFrame(keptRows, cleanedSchema(named, config.output().softLabels())),
          "cleaned",
          keepsVector(train, format) ? null : train.featureNames(),
          format,
          output.path("cleaned").toString());
    } finally {
      joined.unpersist(false);
    }
  }

  private static Row cleaned(Example row, boolean named, RowScore score) {
    double[] soft = score.judged().softLabels();
    Object[] cells = {id(row, named), row.label(), row.features(), score.weight(), soft};
    return RowFactory.create(soft.length == 0 ? Arrays.copyOf(cells, cells.length - 1) : cells);
  }

  /** Named columns come out as they went in; features that never had names stay one vector. */
  private static boolean keepsVector(Table train, String format) {
    boolean unnamed = train.vectorColumn() || train.inputColumns().isEmpty();
    return unnamed && format.equals("parquet");
  }

  private static Object id(Example row, boolean named) {
    if (named) {
      return row.displayId();
    }
    return row.id();
  }
}
