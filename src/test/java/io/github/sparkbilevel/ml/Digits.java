package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.data.LocalSpark;
import java.util.List;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;

/**
 * The digits that the project ships, as rows with an id, a vector, and a label that may be wrong.
 */
final class Digits {
  private Digits() {}

  /** All rows: id, features, label (double), truth. */
  static Dataset<Row> clean() {
    SparkSession spark = LocalSpark.session();
    Dataset<Row> raw =
        spark
            .read()
            .option("header", true)
            .option("inferSchema", true)
            .csv("datasets/digits.csv")
            .coalesce(1)
            .withColumn("id", functions.monotonically_increasing_id());
    List<String> pixels =
        java.util.Arrays.stream(raw.columns()).filter(c -> c.startsWith("pixel")).toList();
    return new VectorAssembler()
        .setInputCols(pixels.toArray(new String[0]))
        .setOutputCol("features")
        .transform(raw)
        .selectExpr(
            "id", "features", "cast(target as double) as label", "cast(target as double) as truth");
  }

  /**
   * Rows of which the first {@code trusted} are right and marked, and {@code percent} of the others
   * wrong.
   */
  static Dataset<Row> noisy(int rows, int trusted, int percent) {
    return clean()
        .filter("id < " + rows)
        .withColumn("trusted", functions.expr("id < " + trusted))
        .withColumn(
            "label",
            functions.expr(
                "case when id >= %d and pmod(id * 7919, 100) < %d then pmod(truth + 1, 10) else truth end"
                    .formatted(trusted, percent)));
  }
}
