package io.github.sparkbilevel.ml.score;

import io.github.sparkbilevel.model.Layers;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.model.LogisticLoss;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.Losses;
import io.github.sparkbilevel.model.Model;
import io.github.sparkbilevel.model.MultiLabelLoss;
import io.github.sparkbilevel.model.Network;
import io.github.sparkbilevel.model.RowShape;
import io.github.sparkbilevel.model.SoftmaxLoss;
import io.github.sparkbilevel.model.SquaredLoss;
import io.github.sparkbilevel.model.Stack;
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
  static final int FORMAT_VERSION = 3;

  /** What readers before losses by name can read: linear models with the squared loss. */
  private static final int PLAIN_VERSION = 1;

  /** What readers before networks of any layers can read. */
  private static final int LOSS_VERSION = 2;

  public static final String DATA = "data";
  public static final String FORMAT_COLUMN = "formatVersion";

  private static final String LINEAR = "linear";
  private static final String NETWORK = "network";

  /** The family of networks of dense layers in version 1, and what their rows had beside. */
  private static final String MLP = "mlp";

  private static final String HIDDEN = "hidden";
  private static final String ACTIVATION = "activation";

  /** As {@link Losses#text} has it; missing in rows with the usual loss in version 1. */
  private static final String LOSS = "loss";

  /** The layers of a network in JSON; missing before version 3. */
  private static final String LAYERS = "layers";

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
          .add("featureNames", DataTypes.createArrayType(DataTypes.StringType, false), false)
          .add(LOSS, DataTypes.StringType, false)
          .add(LAYERS, DataTypes.StringType, true);

  private ModelFiles() {}

  /** Writes a model: its params by Spark's own means, and the row. */
  public static final class Writer extends MLWriter {
    private final Params model;
    private final ModelParts<?> parts;
    private final RawColumns columns;

    /**
     * Takes what is written.
     *
     * @param columns what makes the features of raw tables, or null
     */
    public Writer(Params model, ModelParts<?> parts, RawColumns columns) {
      this.model = model;
      this.parts = parts;
      this.columns = columns;
    }

    @Override
    public void saveImpl(String path) {
      DefaultParamsWriter.saveMetadata(model, path, sparkSession());
      ModelFiles.save(parts, path, sparkSession());
      if (columns != null) {
        columns.save(path);
      }
    }
  }

  /** Reads what {@link Writer} wrote; refuses what another class of model wrote. */
  public static final class Reader<M extends Params, T extends Model> extends MLReader<M> {
    private final Class<M> type;
    private final Class<T> kind;
    private final BiFunction<String, ModelParts<T>, M> maker;

    /**
     * Takes how a model is made.
     *
     * @param kind the kind of model in the row
     * @param maker makes a model of its uid and the row
     */
    public Reader(Class<M> type, Class<T> kind, BiFunction<String, ModelParts<T>, M> maker) {
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
      if (model instanceof RawColumns.Taker taker) {
        RawColumns.load(path, sparkSession()).ifPresent(taker::takeColumns);
      }
      return model;
    }
  }

  /** The class of the stage that was saved under {@code path}, as its metadata names it. */
  public static String className(String path, SparkSession session) {
    return DefaultParamsReader.loadMetadata(path, session, "").className();
  }

  /** Writes the row under {@code path}, in one Spark job. */
  private static void save(ModelParts<?> parts, String path, SparkSession session) {
    Model model = parts.model();
    String family = family(model);
    boolean network = family.equals(NETWORK);
    boolean ofName = family.equals(LINEAR) && !(model.loss() instanceof SquaredLoss);
    Scaling scaling = parts.scaling();
    Row row =
        RowFactory.create(
            network ? FORMAT_VERSION : ofName ? LOSS_VERSION : PLAIN_VERSION,
            family,
            model.loss() instanceof MultiLabelLoss ? model.outputs() : model.loss().classes(),
            model.features(),
            model.layer().outputBiases().isPresent(),
            Vectors.dense(parts.theta()),
            scaling.mean() == null ? null : Vectors.dense(scaling.mean()),
            scaling.scale() == null ? null : Vectors.dense(scaling.scale()),
            scaling.clip(),
            parts.labels().toArray(new String[0]),
            parts.featureNames().toArray(new String[0]),
            Losses.text(model.loss()),
            network ? Layers.write(model.layer().form()) : null);
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

  /** Reads the row under {@code path}; refuses a newer format and another kind of model. */
  private static <T extends Model> ModelParts<T> load(
      String path, Class<T> kind, SparkSession session) {
    Row row = session.read().parquet(folder(path)).first();
    int version = row.getAs(FORMAT_COLUMN);
    requireReadable(version, FORMAT_VERSION, path);
    Model model = model(row, path);
    if (!kind.isInstance(model)) {
      boolean wantsNetwork = kind.equals(Network.class);
      throw refusal(path, family(row, wantsNetwork ? NETWORK : "a linear one"));
    }
    double clip = row.getAs("clip");
    return new ModelParts<>(
        kind.cast(model),
        numbers(row, "theta"),
        new Scaling(numbers(row, "mean"), numbers(row, "scale"), clip),
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
    if (!(model instanceof LinearModel)) {
      return NETWORK;
    }
    Loss loss = model.loss();
    boolean known = loss instanceof SoftmaxLoss || loss instanceof LogisticLoss;
    return known ? loss.name() : LINEAR;
  }

  private static Model model(Row row, String path) {
    String family = row.getAs("family");
    int features = row.getAs("features");
    boolean intercept = row.getAs("intercept");
    try {
      return switch (family) {
        case SoftmaxLoss.NAME, LogisticLoss.NAME, LINEAR ->
            new LinearModel(loss(row, family), features, intercept);
        case NETWORK -> {
          RowShape in = RowShape.vector(features);
          yield Network.of(
              loss(row, family), new Stack(Layers.of(in, Layers.read(row.getAs(LAYERS)))));
        }
        case MLP ->
            Network.of(
                loss(row, SoftmaxLoss.NAME),
                features,
                Layers.dense(row.getList(row.fieldIndex(HIDDEN)), row.getAs(ACTIVATION)));
        default -> {
          String known = String.join(", ", SoftmaxLoss.NAME, LogisticLoss.NAME, LINEAR, NETWORK);
          throw new IllegalArgumentException(family(row, known));
        }
      };
    } catch (IllegalArgumentException e) {
      throw refusal(path, e.getMessage());
    }
  }

  private static Loss loss(Row row, String family) {
    boolean named = Arrays.asList(row.schema().fieldNames()).contains(LOSS);
    String usual = family.equals(LINEAR) ? SquaredLoss.NAME : family;
    return Losses.of(named ? row.getAs(LOSS) : usual, row.getAs("classes"));
  }

  private static String family(Row row, String expected) {
    return "got the family '%s', expected %s; save it again with this version of spark-bilevel"
        .formatted(row.<String>getAs("family"), expected);
  }

  private static IllegalArgumentException refusal(String path, String why) {
    return new IllegalArgumentException("the model at " + path + " cannot be loaded: " + why);
  }

  private static double[] numbers(Row row, String column) {
    Vector vector = row.getAs(column);
    return vector == null ? null : vector.toArray();
  }

  private static String folder(String path) {
    return new Path(path, DATA).toString();
  }
}
