package io.github.sparkbilevel.ml.score;

import io.github.sparkbilevel.model.Activation;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.model.LogisticLoss;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.Losses;
import io.github.sparkbilevel.model.Mlp;
import io.github.sparkbilevel.model.Model;
import io.github.sparkbilevel.model.SoftmaxLoss;
import io.github.sparkbilevel.model.SquaredLoss;
import java.util.ArrayList;
import java.util.Arrays;
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
public final class ModelFiles {
  /** Raised when a reader of the version before could not read, or would misread, the row. */
  static final int FORMAT_VERSION = 2;

  /** What a reader of the version before can read: all but a loss of a jar. */
  private static final int PLAIN_VERSION = 1;

  public static final String DATA = "data";
  public static final String FORMAT_COLUMN = "formatVersion";

  private static final String LINEAR = "linear";
  private static final String NETWORK = "mlp";

  /** The name of the loss's class. */
  private static final String LOSS = "loss";

  private static final String HIDDEN = "hidden";
  private static final String ACTIVATION = "activation";

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

  /** What the row of a network has beside; its outputs are those of softmax. */
  private static final StructType NETWORK_SCHEMA =
      SCHEMA
          .add(HIDDEN, DataTypes.createArrayType(DataTypes.IntegerType, false), false)
          .add(ACTIVATION, DataTypes.StringType, false);

  /** What the row of a linear model with a loss of a jar has beside. */
  private static final StructType LOSS_SCHEMA = SCHEMA.add(LOSS, DataTypes.StringType, false);

  private ModelFiles() {}

  /**
   * What the row holds.
   *
   * @param <T> the kind of model
   * @param labels the label of each class; empty without classes
   * @param featureNames the name of each feature; empty without names
   */
  public record Stored<T extends Model>(
      T model,
      double[] theta,
      double[] mean,
      double[] scale,
      double clip,
      List<String> labels,
      List<String> featureNames) {

    public static Stored<Model> of(
        Model model, Scorer scorer, List<String> labels, List<String> featureNames) {
      return new Stored<>(
          model,
          scorer.theta(model),
          scorer.mean(),
          scorer.scale(),
          scorer.clip(),
          labels,
          featureNames);
    }
  }

  /** Writes a model: its params by Spark's own means, and the row. */
  public static final class Writer extends MLWriter {
    private final Params model;
    private final Stored<?> stored;

    public Writer(Params model, Stored<?> stored) {
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
  public static final class Reader<M extends Params, T extends Model> extends MLReader<M> {
    private final Class<M> type;
    private final Class<T> kind;
    private final BiFunction<String, Stored<T>, M> maker;

    /**
     * Takes how a model is made.
     *
     * @param kind the kind of model in the row
     * @param maker makes a model of its uid and the row
     */
    public Reader(Class<M> type, Class<T> kind, BiFunction<String, Stored<T>, M> maker) {
      this.type = type;
      this.kind = kind;
      this.maker = maker;
    }

    @Override
    public M load(String path) {
      DefaultParamsReader.Metadata metadata =
          DefaultParamsReader.loadMetadata(path, sparkSession(), type.getName());
      M model = maker.apply(metadata.uid(), ModelFiles.load(path, kind, sparkSession()));
      metadata.getAndSetParams(model, metadata.getAndSetParams$default$2());
      return model;
    }
  }

  /** The class of the stage that was saved under {@code path}, as its metadata names it. */
  public static String className(String path, SparkSession session) {
    return DefaultParamsReader.loadMetadata(path, session, "").className();
  }

  /** Writes the row under {@code path}, in one Spark job. */
  private static void save(Stored<?> parts, String path, SparkSession session) {
    Model model = parts.model();
    boolean ofJar = family(model).equals(LINEAR) && !(model.loss() instanceof SquaredLoss);
    List<Object> values =
        new ArrayList<>(
            Arrays.asList(
                ofJar ? FORMAT_VERSION : PLAIN_VERSION,
                family(model),
                model.loss().classes(),
                model.features(),
                model.last().bias(),
                Vectors.dense(parts.theta()),
                parts.mean() == null ? null : Vectors.dense(parts.mean()),
                parts.scale() == null ? null : Vectors.dense(parts.scale()),
                parts.clip(),
                parts.labels().toArray(new String[0]),
                parts.featureNames().toArray(new String[0])));
    if (model instanceof Mlp network) {
      values.add(network.hidden().toArray(new Integer[0]));
      values.add(Summaries.word(network.activation()));
    }
    if (ofJar) {
      values.add(model.loss().getClass().getName());
    }
    StructType schema = model instanceof Mlp ? NETWORK_SCHEMA : ofJar ? LOSS_SCHEMA : SCHEMA;
    Row row = RowFactory.create(values.toArray());
    JavaSparkContext context = JavaSparkContext.fromSparkContext(session.sparkContext());
    // A row that travelled inside its task would be held to spark.rpc.message.maxSize, 16 million
    // numbers by default.
    Broadcast<Row> shared = context.broadcast(row);
    try {
      JavaRDD<Row> rows = context.parallelize(List.of(0), 1).map(i -> shared.value());
      session.createDataFrame(rows, schema).write().parquet(folder(path));
    } finally {
      shared.destroy();
    }
  }

  /** Reads the row under {@code path}; refuses a newer format and another kind of model. */
  private static <T extends Model> Stored<T> load(
      String path, Class<T> kind, SparkSession session) {
    Row row = session.read().parquet(folder(path)).first();
    int version = row.getAs(FORMAT_COLUMN);
    requireReadable(version, FORMAT_VERSION, path);
    double clip = row.getAs("clip");
    Model model = model(row, path);
    if (!kind.isInstance(model)) {
      throw unexpected(
          path, "family", row.getAs("family"), kind.equals(Mlp.class) ? NETWORK : "a linear one");
    }
    return new Stored<>(
        kind.cast(model),
        numbers(row, "theta"),
        numbers(row, "mean"),
        numbers(row, "scale"),
        clip,
        row.getList(row.fieldIndex("labels")),
        row.getList(row.fieldIndex("featureNames")));
  }

  /** Throws when a model was saved by a newer version. */
  public static void requireReadable(int version, int newest, String path) {
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

  private static String family(Model model) {
    return model instanceof Mlp
        ? NETWORK
        : model.loss().classes() == 0 ? LINEAR : model.loss().name();
  }

  private static Model model(Row row, String path) {
    String family = row.getAs("family");
    int classes = row.getAs("classes");
    int features = row.getAs("features");
    boolean intercept = row.getAs("intercept");
    return switch (family) {
      case SoftmaxLoss.NAME -> new LinearModel(new SoftmaxLoss(classes), features, intercept);
      case LogisticLoss.NAME -> new LinearModel(new LogisticLoss(), features, intercept);
      case LINEAR -> new LinearModel(loss(row, path), features, intercept);
      case NETWORK ->
          Mlp.of(
              new SoftmaxLoss(classes),
              features,
              row.getList(row.fieldIndex(HIDDEN)),
              activation(row.getAs(ACTIVATION), path));
      default ->
          throw unexpected(
              path,
              "family",
              family,
              String.join(", ", SoftmaxLoss.NAME, LogisticLoss.NAME, LINEAR, NETWORK));
    };
  }

  private static Loss loss(Row row, String path) {
    if (!Arrays.asList(row.schema().fieldNames()).contains(LOSS)) {
      return new SquaredLoss();
    }
    String name = row.getAs(LOSS);
    return Losses.find(name)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "the model at %s has a loss of the class %s, which no jar here has; give its jar by --jars"
                        .formatted(path, name)));
  }

  private static Activation activation(String word, String path) {
    List<String> words = Arrays.stream(Activation.values()).map(Summaries::word).toList();
    if (!words.contains(word)) {
      throw unexpected(path, ACTIVATION, word, String.join(", ", words));
    }
    return Activation.values()[words.indexOf(word)];
  }

  private static IllegalArgumentException unexpected(
      String path, String what, String got, String expected) {
    return new IllegalArgumentException(
        "the model at %s has the %s '%s', expected %s; save it again with this version of spark-bilevel"
            .formatted(path, what, got, expected));
  }

  private static double[] numbers(Row row, String column) {
    Vector vector = row.getAs(column);
    return vector == null ? null : vector.toArray();
  }

  private static String folder(String path) {
    return new Path(path, DATA).toString();
  }
}
