package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.model.LogisticLoss;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.SoftmaxLoss;
import io.github.sparkbilevel.model.SquaredLoss;
import java.util.List;
import java.util.function.BiFunction;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.ml.param.Params;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.DefaultParamsWriter;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWriter;
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
  private static final String LINEAR = "linear";

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

  /**
   * What the row holds.
   *
   * @param labels the label of each class; empty without classes
   * @param featureNames the name of each feature; empty without names
   */
  record Stored(
      LinearModel model,
      double[] theta,
      double[] mean,
      double[] scale,
      double clip,
      List<String> labels,
      List<String> featureNames) {}

  /** Writes a model: its params by Spark's own means, and the row. */
  static final class Writer extends MLWriter {
    private final Params model;
    private final Stored stored;

    Writer(Params model, Stored stored) {
      this.model = model;
      this.stored = stored;
    }

    @Override
    public void saveImpl(String path) {
      DefaultParamsWriter.saveMetadata(model, path, sparkSession());
      ModelFiles.save(stored, path, sparkSession());
    }
  }

  /** Reads what {@link Writer} wrote; refuses what another class of model wrote. */
  static final class Reader<M extends Params> extends MLReader<M> {
    private final Class<M> type;
    private final BiFunction<String, Stored, M> maker;

    /**
     * Takes how a model is made.
     *
     * @param maker makes a model of its uid and the row
     */
    Reader(Class<M> type, BiFunction<String, Stored, M> maker) {
      this.type = type;
      this.maker = maker;
    }

    @Override
    public M load(String path) {
      DefaultParamsReader.Metadata metadata =
          DefaultParamsReader.loadMetadata(path, sparkSession(), type.getName());
      M model = maker.apply(metadata.uid(), ModelFiles.load(path, sparkSession()));
      metadata.getAndSetParams(model, metadata.getAndSetParams$default$2());
      return model;
    }
  }

  /** Writes the row under {@code path}, in one Spark job. */
  private static void save(Stored parts, String path, SparkSession session) {
    LinearModel model = parts.model();
    Row row =
        RowFactory.create(
            FORMAT_VERSION,
            family(model.loss()),
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
  private static Stored load(String path, SparkSession session) {
    Row row = session.read().parquet(folder(path)).first();
    int version = row.getAs(FORMAT_COLUMN);
    requireReadable(version, FORMAT_VERSION, path);
    boolean intercept = row.getAs("intercept");
    int features = row.getAs("features");
    double clip = row.getAs("clip");
    return new Stored(
        new LinearModel(loss(row, path), features, intercept),
        numbers(row, "theta"),
        numbers(row, "mean"),
        numbers(row, "scale"),
        clip,
        row.getList(row.fieldIndex("labels")),
        row.getList(row.fieldIndex("featureNames")));
  }

  /** Throws when a model was saved by a newer version. */
  static void requireReadable(int version, int newest, String path) {
    if (version > newest) {
      throw new IllegalArgumentException(
          "the model at "
              + path
              + " has format version "
              + version
              + ", expected "
              + newest
              + " or less; load it with the newer spark-bilevel that wrote it");
    }
  }

  private static String family(Loss loss) {
    return loss instanceof SoftmaxLoss ? SOFTMAX : loss instanceof LogisticLoss ? LOGISTIC : LINEAR;
  }

  private static Loss loss(Row row, String path) {
    String family = row.getAs("family");
    int classes = row.getAs("classes");
    return switch (family) {
      case SOFTMAX -> new SoftmaxLoss(classes);
      case LOGISTIC -> new LogisticLoss();
      case LINEAR -> new SquaredLoss();
      default ->
          throw new IllegalArgumentException(
              "the model at "
                  + path
                  + " has the family '"
                  + family
                  + "', expected '"
                  + SOFTMAX
                  + "', '"
                  + LOGISTIC
                  + "' or '"
                  + LINEAR
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
