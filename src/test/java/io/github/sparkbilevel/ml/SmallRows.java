package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.data.LocalSpark;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Made-up rows of three classes, which a linear model tells apart: id, features, label, truth,
 * target (a real number), trusted, source and w. A third of the labels is wrong where the source is
 * {@code web} and the row is not trusted.
 */
public final class SmallRows {
  static final int FEATURES = 4;

  static final StructType SCHEMA =
      new StructType()
          .add("id", DataTypes.LongType)
          .add("features", SQLDataTypes.VectorType())
          .add("label", DataTypes.DoubleType)
          .add("truth", DataTypes.DoubleType)
          .add("target", DataTypes.DoubleType)
          .add("trusted", DataTypes.BooleanType)
          .add("source", DataTypes.StringType)
          .add("w", DataTypes.DoubleType);

  private static final String[] NONE = {};

  private SmallRows() {}

  /** Rows with the ids from 0, of which the first fifth is trusted. */
  public static List<Row> list(int rows) {
    Random random = new Random(5);
    List<Row> list = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      double[] x = new double[FEATURES];
      for (int j = 0; j < x.length; j++) {
        x[j] = 2 + j + (j + 1) * random.nextGaussian();
      }
      double a = x[0] - 2;
      double b = (x[1] - 3) / 2;
      double truth = a > 0.4 ? 2 : b > 0 ? 1 : 0;
      boolean trusted = i < rows / 5;
      boolean web = i % 2 == 0;
      double label = web && !trusted && random.nextInt(3) == 0 ? (truth + 1) % 3 : truth;
      double target = 3 * a - 2 * b + random.nextGaussian();
      list.add(
          RowFactory.create(
              (long) i,
              Vectors.dense(x),
              label,
              truth,
              target,
              trusted,
              web ? "web" : "zoo",
              1.0 + i % 3));
    }
    return list;
  }

  public static Dataset<Row> table(int rows) {
    return of(list(rows));
  }

  public static Dataset<Row> of(List<Row> rows) {
    return LocalSpark.session().createDataFrame(rows, SCHEMA);
  }

  /** A cleaner with few iterations. */
  public static DataCleaner cleaner() {
    return new DataCleaner()
        .setTrustedCol("trusted")
        .setIdCol("id")
        .setMaxIter(3)
        .setBaselines(new String[0]);
  }

  /** Tunes without anything beside it. */
  static TunedLogisticRegression classifier() {
    return new TunedLogisticRegression()
        .setIdCol("id")
        .setBaselines(NONE)
        .setSensitivity(false)
        .setMaxIter(2);
  }

  /** The same for real labels. */
  static TunedLinearRegression regressor() {
    return new TunedLinearRegression()
        .setIdCol("id")
        .setLabelCol("target")
        .setBaselines(NONE)
        .setSensitivity(false)
        .setMaxIter(2);
  }

  /** A row with another value of a column. */
  public static Row with(Row row, String column, Object value) {
    Object[] values = new Object[row.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = SCHEMA.fieldNames()[i].equals(column) ? value : row.get(i);
    }
    return RowFactory.create(values);
  }
}
