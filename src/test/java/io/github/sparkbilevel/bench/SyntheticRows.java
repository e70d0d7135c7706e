package io.github.sparkbilevel.bench;

import java.io.IOException;
import java.util.Random;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;

/**
 * Writes a Parquet table to measure how runs scale: normal features, labels of five classes by a
 * fixed linear rule with noise.
 *
 * <p>Arguments: folder, rows, features.
 */
public final class SyntheticRows {
  private static final int CLASSES = 5;

  private SyntheticRows() {}

  /** Writes the table. */
  public static void main(String[] args) throws IOException {
    String folder = args[0];
    long rows = Long.parseLong(args[1]);
    int features = Integer.parseInt(args[2]);
    try (SparkSession spark =
        SparkSession.builder().master("local[*]").appName("synthetic rows").getOrCreate()) {
      Dataset<Row> table = spark.range(0, rows, 1, 16).toDF("id");
      Column[] columns = new Column[features];
      for (int j = 0; j < features; j++) {
        columns[j] = functions.randn(1000 + j).cast("float").as("x" + j);
      }
      table = table.select(functions.col("id"), functions.struct(columns).as("x"));
      Random random = new Random(1);
      Column best = null;
      for (int k = 0; k < CLASSES; k++) {
        Column score = functions.randn(k);
        for (int j = 0; j < Math.min(20, features); j++) {
          score = score.plus(functions.col("x.x" + j).multiply(random.nextGaussian()));
        }
        Column candidate = functions.struct(score.as("score"), functions.lit(k).as("label"));
        best = best == null ? candidate : functions.greatest(best, candidate);
      }
      table
          .withColumn("best", best)
          .select("id", "best.label", "x.*")
          .write()
          .mode(SaveMode.Overwrite)
          .parquet(folder);
    }
  }
}
