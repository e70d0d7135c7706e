package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.ml.LinearClassifierModel.Parts;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.model.LogisticLoss;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.SoftmaxLoss;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** The data of a saved model: one Parquet row in the folder {@code data} beside the metadata. */
final class ModelFiles {
  /** Raised when a reader of the version before could not read, or would misread, the row. */
  static final int FORMAT_VERSION = 1;

  static final String DATA = "data";
  static final String FORMAT_COLUMN = "formatVersion";

  private static final String SOFTMAX = "softmax";
  private static final String LOGISTIC = "logistic";

  private static final StructType SCHEMA =
      new StructType()
          .add(FORMAT_COLUMN, DataTypes.IntegerType, false)
          .add("family", DataTypes.StringType, false)
          .add("classes", DataTypes.IntegerType, false)
          .add("features", DataTypes.IntegerType, false)
          .add("intercept", DataTypes.BooleanType, false)
          .add("theta", SQLDataTypes.VectorType(), false)
          .add("mean", SQLDataTypes.VectorType(), true)
          .add("scale", SQLDataTypes.VectorType(), true)
          .add("clip", DataTypes.DoubleType, false)
          .add("labels", DataTypes.createArrayType(DataTypes.StringType, false), false)
          .add("featureNames", DataTypes.createArrayType(DataTypes.StringType, false), false);

  private ModelFiles() {}

  /** Writes the row under {@code path}, in one Spark job. */
  static void save(Parts parts, String path, SparkSession session) {
    LinearModel model = parts.model();
    Row row =
        RowFactory.create(
            FORMAT_VERSION,
            model.loss() instanceof SoftmaxLoss ? SOFTMAX : LOGISTIC,
            model.loss().classes(),
            model.features(),
            model.intercept(),
            Vectors.dense(parts.theta()),
            parts.mean() == null ? null : Vectors.dense(parts.mean()),
            parts.scale() == null ? null : Vectors.dense(parts.scale()),
            parts.clip(),
            parts.labels().toArray(new String[0]),
            parts.featureNames().toArray(new String[0]));
    JavaSparkContext context = JavaSparkContext.fromSparkContext(session.sparkContext());
    // A row that travelled inside its task would be held to spark.rpc.message.maxSize, 16 million
    // numbers by default.
    Broadcast<Row> shared = context.broadcast(row);
    try {
      JavaRDD<Row> rows = context.parallelize(List.of(0), 1).map(i -> shared.value());
      session.createDataFrame(rows, SCHEMA).write().parquet(folder(path));
    } finally {
      shared.destroy();
    }
  }

  /** Reads the row under {@code path}; refuses a newer format. */
  static Parts load(String path, SparkSession session) {
    Row row = session.read().parquet(folder(path)).first();
    int version = row.getAs(FORMAT_COLUMN);
    if (version > FORMAT_VERSION) {
      throw new IllegalArgumentException(
          "the model at "
              + path
              + " has format version "
              + version
              + ", expected "
              + FORMAT_VERSION
              + " or less; load it with the newer spark-bilevel that wrote it");
    }
    boolean intercept = row.getAs("intercept");
    int features = row.getAs("features");
    double clip = row.getAs("clip");
    return new Parts(
        new LinearModel(loss(row, path), features, intercept),
        numbers(row, "theta"),
        numbers(row, "mean"),
        numbers(row, "scale"),
        clip,
        row.getList(row.fieldIndex("labels")),
        row.getList(row.fieldIndex("featureNames")));
  }

  private static Loss loss(Row row, String path) {
    String family = row.getAs("family");
    int classes = row.getAs("classes");
    return switch (family) {
      case SOFTMAX -> new SoftmaxLoss(classes);
      case LOGISTIC -> new LogisticLoss();
      default ->
          throw new IllegalArgumentException(
              "the model at "
                  + path
                  + " has the family '"
                  + family
                  + "', expected '"
                  + SOFTMAX
                  + "' or '"
                  + LOGISTIC
                  + "'; save it again with this version of spark-bilevel");
    };
  }

  private static double[] numbers(Row row, String column) {
    Vector vector = row.getAs(column);
    return vector == null ? null : vector.toArray();
  }

  private static String folder(String path) {
    return new Path(path, DATA).toString();
  }
}
