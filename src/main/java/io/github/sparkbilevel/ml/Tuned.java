package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.data.FileSystems;
import io.github.sparkbilevel.ml.score.Summaries;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * What was tuned beside the coefficients, and its files {@code penalties} and {@code summary}.
 *
 * @param names the name of each penalty
 * @param lambda ln of each penalty
 * @param summary how it came about
 */
record Tuned(List<String> names, double[] lambda, TuningSummary summary) {
  private static final StructType PENALTIES =
      new StructType()
          .add("index", DataTypes.IntegerType, false)
          .add("name", DataTypes.StringType, false)
          .add("lambda", DataTypes.DoubleType, false);

  static Tuned of(TuningRun run) {
    int weights = run.problem().weighingSize();
    List<String> names = run.names();
    double[] lambda = run.result().lambda();
    return new Tuned(
        new ArrayList<>(names.subList(weights, names.size())),
        java.util.Arrays.copyOfRange(lambda, weights, lambda.length),
        TuningSummary.of(run));
  }

  /** Refuses a limit of features, which a model of Spark's own cannot have. */
  static void requireUnlimited(double clip) {
    if (!Double.isInfinite(clip)) {
      throw new IllegalStateException(
          "the model limits features to ±%s deviations, which Spark's own cannot; fit with clip = 0"
              .formatted(clip));
    }
  }

  Map<String, Double> penalties() {
    Map<String, Double> penalties = new LinkedHashMap<>();
    for (int j = 0; j < lambda.length; j++) {
      penalties.put(names.get(j), Math.exp(lambda[j]));
    }
    return Collections.unmodifiableMap(penalties);
  }

  void save(String path, SparkSession spark) {
    List<Row> rows = new ArrayList<>();
    for (int j = 0; j < lambda.length; j++) {
      rows.add(RowFactory.create(j, names.get(j), lambda[j]));
    }
    spark
        .createDataFrame(rows, PENALTIES)
        .coalesce(1)
        .write()
        .parquet(new Path(path, "penalties").toString());
    Summaries.save(summary, path, spark);
  }

  /** What was saved at a path, if anything was. */
  static Optional<Tuned> find(String path, SparkSession spark) {
    Path folder = new Path(path, "penalties");
    try {
      return FileSystems.of(folder, spark.sparkContext().hadoopConfiguration()).exists(folder)
          ? Optional.of(load(path, spark))
          : Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Tuned load(String path, SparkSession spark) {
    List<Row> rows =
        spark
            .read()
            .schema(PENALTIES)
            .parquet(new Path(path, "penalties").toString())
            .orderBy("index")
            .collectAsList();
    return new Tuned(
        new ArrayList<>(rows.stream().map(row -> row.getString(1)).toList()),
        rows.stream().mapToDouble(row -> row.getDouble(2)).toArray(),
        Summaries.load(TuningSummary.class, path, spark));
  }
}
