package io.github.sparkbilevel.bench;

import io.github.sparkbilevel.ml.TunedLogisticRegression;
import io.github.sparkbilevel.ml.TunedLogisticRegressionModel;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.spark.ml.classification.LogisticRegression;
import org.apache.spark.ml.classification.LogisticRegressionModel;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.storage.StorageLevel;

/**
 * One l1 penalty tuned by five folds on made-up rows of the size of rcv1: 20,242 of 47,236
 * features, 76 of them at most in a row. The features are as frequent as words are, and 300 of the
 * frequent ones tell something of the label. Beside it a single fit of MLlib at that penalty.
 */
public final class SparseLasso {
  private static final int ROWS = 20_242;
  private static final int FEATURES = 47_236;
  private static final int OF_ROW = 76;
  private static final int FREQUENT = 5000;
  private static final int FOLDS = 5;

  /** Frequencies fall with this power of the rank. */
  private static final double POWER = 0.8;

  private SparseLasso() {}

  /** Prints two lines. */
  public static void main(String[] args) {
    SparkSession spark =
        SparkSession.builder()
            .master("local[2]")
            .appName("lasso")
            .config("spark.ui.enabled", "false")
            .getOrCreate();
    spark.sparkContext().setLogLevel("ERROR");
    Dataset<Row> rows = rows(spark).persist(StorageLevel.MEMORY_ONLY());
    rows.count();

    long start = System.nanoTime();
    TunedLogisticRegressionModel tuned =
        new TunedLogisticRegression()
            .setUpperVariables(new String[] {"l1"})
            .setRegParam(0)
            .setNumFolds(FOLDS)
            .setStandardization(false)
            .setIdCol("id")
            .fit(rows);
    double seconds = (System.nanoTime() - start) / 1e9;
    double penalty = Math.exp(tuned.lambda()[0]);
    long used = tuned.coefficientMatrix().numActives() - zeros(tuned.coefficientMatrix().toArray());
    System.out.printf(
        Locale.ROOT,
        "tuned %6.1f s  penalty %.3g, loss %.5f in %d evaluations, passes %s, %d features%n",
        seconds,
        penalty,
        tuned.summary().tuning().upperObjective(),
        tuned.summary().tuning().evaluations(),
        tuned.summary().run().cost().passesByPhase(),
        used);

    start = System.nanoTime();
    LogisticRegressionModel mllib =
        new LogisticRegression()
            .setElasticNetParam(1)
            .setRegParam(penalty)
            .setStandardization(false)
            .setTol(1e-6)
            .setMaxIter(1000)
            .fit(rows);
    System.out.printf(
        Locale.ROOT,
        "mllib %6.1f s  one fit, %d iterations, %d features%n",
        (System.nanoTime() - start) / 1e9,
        mllib.summary().totalIterations(),
        mllib.coefficients().numNonzeros());
    spark.stop();
  }

  private static long zeros(double[] coefficients) {
    return Arrays.stream(coefficients).filter(c -> c == 0).count();
  }

  private static Dataset<Row> rows(SparkSession spark) {
    double[] sums = new double[FEATURES];
    double sum = 0;
    for (int j = 0; j < FEATURES; j++) {
      sum += Math.pow(j + 1, -POWER);
      sums[j] = sum;
    }
    Random random = new Random(0);
    double[] told = new double[FEATURES];
    int[] telling =
        IntStream.generate(() -> random.nextInt(FREQUENT)).distinct().limit(300).toArray();
    for (int j : telling) {
      told[j] = 18 * random.nextGaussian();
    }
    StructType schema =
        new StructType()
            .add("id", DataTypes.LongType, false)
            .add("features", SQLDataTypes.VectorType(), false)
            .add("label", DataTypes.DoubleType, false);
    return spark.createDataFrame(
        spark.range(0, ROWS, 1, 4).toDF().toJavaRDD().map(row -> row(row.getLong(0), sums, told)),
        schema);
  }

  private static Row row(long id, double[] sums, double[] told) {
    Random random = new Random(id * 0x9E3779B97F4A7C15L + 1);
    TreeMap<Integer, Double> entries = new TreeMap<>();
    for (int draw = 0; draw < OF_ROW; draw++) {
      int at = Arrays.binarySearch(sums, random.nextDouble() * sums[FEATURES - 1]);
      entries.put(at < 0 ? -at - 1 : at, Math.abs(1 + 0.5 * random.nextGaussian()) + 0.1);
    }
    int[] indices = entries.keySet().stream().mapToInt(j -> j).toArray();
    double[] values = entries.values().stream().mapToDouble(value -> value).toArray();
    double norm = Math.sqrt(Arrays.stream(values).map(value -> value * value).sum());
    double margin = 0;
    for (int i = 0; i < indices.length; i++) {
      values[i] /= norm;
      margin += values[i] * told[indices[i]];
    }
    double label = random.nextDouble() < 1 / (1 + Math.exp(-margin)) ? 1 : 0;
    return RowFactory.create(id, Vectors.sparse(FEATURES, indices, values), label);
  }
}
