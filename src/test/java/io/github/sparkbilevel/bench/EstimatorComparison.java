package io.github.sparkbilevel.bench;

import io.github.sparkbilevel.ml.DataCleaner;
import io.github.sparkbilevel.ml.DataCleanerModel;
import io.github.sparkbilevel.ml.TunedLogisticRegression;
import io.github.sparkbilevel.ml.TunedLogisticRegressionModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.apache.spark.ml.classification.LogisticRegression;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * {@code fit} of one estimator on a Parquet file of made-up rows: seconds, and the peak memory of
 * the process.
 *
 * <p>Arguments: {@code write} or the estimator ({@code mllib}, {@code fixed}, {@code tuned}, {@code
 * cleaner}), the folder, and for {@code write} rows and features. One estimator for each process,
 * so that the peak is its own.
 */
public final class EstimatorComparison {
  private static final int CLASSES = 2;
  private static final int PARTITIONS = 16;

  private EstimatorComparison() {}

  /** Writes the rows, or fits and prints a line. */
  public static void main(String[] args) throws IOException {
    SparkSession spark =
        SparkSession.builder()
            .master("local[2]")
            .appName("estimators")
            .config("spark.ui.enabled", "false")
            .getOrCreate();
    spark.sparkContext().setLogLevel("ERROR");
    if (args[0].equals("write")) {
      write(spark, args[1], Integer.parseInt(args[2]), Integer.parseInt(args[3]));
    } else {
      long start = System.nanoTime();
      String found = fit(args[0], spark.read().parquet(args[1]));
      double seconds = (System.nanoTime() - start) / 1e9;
      System.out.printf(
          Locale.ROOT,
          "%-8s %6.1f s  peak %5d MiB  %s%n",
          args[0],
          seconds,
          peakMebibytes(),
          found);
    }
    spark.stop();
  }

  private static String fit(String name, Dataset<Row> rows) {
    switch (name) {
      case "mllib":
        return "coefficient 0: "
            + new LogisticRegression()
                .setRegParam(0.01)
                .fit(rows.filter("not trusted"))
                .coefficients()
                .apply(0);
      case "fixed":
        return "coefficient 0: "
            + new TunedLogisticRegression()
                .setUpperVariables(new String[0])
                .setRegParam(0.01)
                .setIdCol("id")
                .fit(rows.filter("not trusted"))
                .coefficientMatrix()
                .apply(0, 0);
      case "tuned":
        TunedLogisticRegressionModel tuned =
            new TunedLogisticRegression()
                .setValidationIndicatorCol("trusted")
                .setIdCol("id")
                .setMaxIter(20)
                .fit(rows);
        return "F %.6f in %d evaluations, %d passes"
            .formatted(
                tuned.summary().tuning().upperObjective(),
                tuned.summary().tuning().evaluations(),
                tuned.summary().run().cost().passesByPhase().outer());
      default:
        DataCleanerModel cleaned =
            new DataCleaner()
                .setFamily("logistic")
                .setTrustedCol("trusted")
                .setTruthCol("truth")
                .setIdCol("id")
                .fit(rows);
        return "AUROC of quality %.4f, passes %s"
            .formatted(
                cleaned.summary().noise().detection().quality().auroc(),
                cleaned.summary().run().cost().passesByPhase());
    }
  }

  /**
   * Rows of a logistic model, a third of their labels turned over; one in 200 right and trusted.
   */
  private static void write(SparkSession spark, String folder, int rows, int features) {
    StructType schema =
        new StructType()
            .add("id", DataTypes.LongType, false)
            .add("features", SQLDataTypes.VectorType(), false)
            .add("label", DataTypes.DoubleType, false)
            .add("truth", DataTypes.DoubleType, false)
            .add("trusted", DataTypes.BooleanType, false);
    Dataset<Row> made =
        spark.createDataFrame(
            spark
                .range(0, rows, 1, PARTITIONS)
                .toDF()
                .toJavaRDD()
                .map(row -> row(row.getLong(0), features)),
            schema);
    made.sort(functions.col("id")).write().mode("overwrite").parquet(folder);
  }

  private static Row row(long id, int features) {
    Random random = new Random(id * 0x9E3779B97F4A7C15L + 1);
    double[] x = new double[features];
    double margin = 0;
    for (int j = 0; j < features; j++) {
      x[j] = random.nextGaussian() * (1 + j % 7) + j % 3;
      margin += (x[j] - j % 3) / (1 + j % 7) * Math.sin(j);
    }
    double truth = margin + random.nextGaussian() > 0 ? 1 : 0;
    boolean trusted = id % 200 == 0;
    double label = !trusted && random.nextInt(3) == 0 ? CLASSES - 1 - truth : truth;
    return RowFactory.create(id, Vectors.dense(x), label, truth, trusted);
  }

  /** The most memory that the process held at once, as Linux counts it. */
  private static long peakMebibytes() throws IOException {
    List<String> lines = Files.readAllLines(Path.of("/proc/self/status"));
    return lines.stream()
        .filter(line -> line.startsWith("VmHWM:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024)
        .findFirst()
        .orElse(-1);
  }
}
