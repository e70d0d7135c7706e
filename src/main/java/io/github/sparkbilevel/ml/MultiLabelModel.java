package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.data.DatasetRows;
import io.github.sparkbilevel.ml.param.InputColumns;
import io.github.sparkbilevel.ml.param.NamedModel;
import io.github.sparkbilevel.ml.score.ExportedFiles;
import io.github.sparkbilevel.ml.score.ModelFiles;
import io.github.sparkbilevel.ml.score.ModelParts;
import io.github.sparkbilevel.ml.score.RawColumns;
import io.github.sparkbilevel.ml.score.RawFeatures;
import io.github.sparkbilevel.ml.score.Scorer;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.model.MultiLabelLoss;
import io.github.sparkbilevel.model.OutputTile;
import io.github.sparkbilevel.model.TileColumn;
import io.github.sparkbilevel.settings.Stage;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.ml.linalg.Matrix;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.Identifiable;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/**
 * A logistic regression for each of several labels of a row, for raw features: it standardises and
 * limits them itself.
 *
 * <p>{@code probability} holds the probability of each label to be 1, {@code prediction} 1 for
 * those above ½ and 0 for others, both vectors in the order of {@link #labels()}.
 *
 * <p>A dense row costs O(p · K), a sparse row O(nnz · K).
 */
public final class MultiLabelModel extends NamedModel<MultiLabelModel>
    implements PortableModel, RawColumns.Taker {
  private static final long serialVersionUID = 1L;

  private final ModelParts<LinearModel> parts;
  private final Scorer scorer;
  private final RawFeatures inputs;

  /** Not for the executors; null in a model that a job saved. */
  private final transient Tuned tuned;

  /** Null where the model was trained on vectors or numbers as they are. */
  private transient RawColumns columns;

  /** A model with a uid of its own. */
  public MultiLabelModel(ModelParts<LinearModel> parts) {
    this(Identifiable.randomUID("multiLabel"), parts, null);
  }

  /** A model with a given uid. */
  public MultiLabelModel(String uid, ModelParts<LinearModel> parts) {
    this(uid, parts, null);
  }

  MultiLabelModel(String uid, ModelParts<LinearModel> parts, Tuned tuned) {
    super(uid, Stage.MULTI_LABEL_MODEL);
    if (!(parts.model().loss() instanceof MultiLabelLoss)) {
      throw new IllegalArgumentException(
          "got a model with the %s loss, expected one of several labels; load it by the class that saved it"
              .formatted(parts.model().loss().name()));
    }
    this.parts = parts;
    this.scorer = parts.scorer();
    this.inputs = new RawFeatures(parts.model().features(), parts.featureNames());
    this.tuned = tuned;
  }

  /** The same with what was tuned beside it. */
  MultiLabelModel with(String uid, Tuned other) {
    return new MultiLabelModel(uid, parts, other);
  }

  /** The names of the labels. */
  public List<String> labels() {
    return parts.labels();
  }

  public int numFeatures() {
    return parts.model().features();
  }

  /**
   * The coefficients of raw features, a row for each label; where features are limited by {@code
   * clip}, of standardised ones.
   */
  public Matrix coefficientMatrix() {
    return scorer.first().coefficientMatrix();
  }

  /** The intercept of each label, which belongs to {@link #coefficientMatrix()}. */
  public Vector interceptVector() {
    return scorer.first().interceptVector();
  }

  /** The tuned penalties by name; empty in a model that a job saved. */
  public Map<String, Double> penalties() {
    return tuned == null ? Map.of() : tuned.penalties();
  }

  /** How the model came about; a job tells it in files of its own. */
  public Optional<TuningSummary> summary() {
    return Optional.ofNullable(tuned).map(Tuned::summary);
  }

  @Override
  public void takeColumns(RawColumns other) {
    columns = other;
  }

  /** The probability of each label for a raw row; a new vector. */
  public Vector predictProbability(Vector features) {
    inputs.requireFits(features);
    return probabilities(scorer, parts.model(), features);
  }

  private static Vector probabilities(Scorer scorer, LinearModel model, Vector features) {
    double[] z = scorer.outputs(features);
    double[] p = new double[z.length];
    TileColumn unused = TileColumn.of(0);
    model.loss().evaluate(OutputTile.ofRow(z, 0), unused, OutputTile.ofRow(p, 0), TileColumn.of(0));
    return Vectors.dense(p);
  }

  /** 1 for each label that is likelier than not, 0 for others; NaN for one that is not known. */
  private static Vector predictions(Vector probabilities) {
    return Vectors.dense(
        Arrays.stream(probabilities.toArray())
            .map(p -> Double.isNaN(p) ? p : p > 0.5 ? 1 : 0)
            .toArray());
  }

  /** Adds the columns; where a saved model knows how, rows may lack the features. */
  @Override
  public Dataset<Row> transform(Dataset<?> rows) {
    transformSchema(rows.schema());
    Dataset<Row> given = RawColumns.features(columns, rows, getFeaturesCol());
    LinearModel model = parts.model();
    RawFeatures expected = inputs;
    Broadcast<Scorer> shared =
        JavaSparkContext.fromSparkContext(rows.sparkSession().sparkContext()).broadcast(scorer);
    UDF1<Vector, Vector> probabilities =
        row -> {
          expected.requireFits(row);
          return probabilities(shared.value(), model, row);
        };
    Column features = functions.col(DatasetRows.quote(getFeaturesCol()));
    Column found = functions.udf(probabilities, SQLDataTypes.VectorType()).apply(features);
    UDF1<Vector, Vector> predictions = MultiLabelModel::predictions;
    Dataset<Row> result = given;
    if (!getPredictionCol().isEmpty()) {
      Column predicted = functions.udf(predictions, SQLDataTypes.VectorType()).apply(found);
      result = result.withColumn(getPredictionCol(), predicted);
    }
    return getProbabilityCol().isEmpty() ? result : result.withColumn(getProbabilityCol(), found);
  }

  /** Checks the features; adds the columns of {@link #transform}. */
  @Override
  public StructType transformSchema(StructType schema) {
    StructType in = RawColumns.schema(columns, schema, getFeaturesCol());
    new InputColumns(in).requireVector("featuresCol", getFeaturesCol());
    inputs.requireFits(in, getFeaturesCol());
    return append(in, getPredictionCol(), getProbabilityCol());
  }

  static StructType append(StructType schema, String prediction, String probability) {
    DataType vector = SQLDataTypes.VectorType();
    StructType out = InputColumns.append(schema, "predictionCol", prediction, vector, true);
    return InputColumns.append(out, "probabilityCol", probability, vector, true);
  }

  @Override
  public MultiLabelModel copy(ParamMap extra) {
    MultiLabelModel copy = new MultiLabelModel(uid(), parts, tuned);
    copy.columns = columns;
    return copyValues(copy, extra).setParent(parent());
  }

  @Override
  public void writeOnnx(String path) {
    ExportedFiles.writeOnnx(parts, path);
  }

  @Override
  public void writeWeights(String path) {
    ExportedFiles.writeWeights(parts, path);
  }

  @Override
  public MLWriter write() {
    return new Writer(this);
  }

  private static final class Writer extends MLWriter {
    private final MultiLabelModel model;

    Writer(MultiLabelModel model) {
      this.model = model;
    }

    @Override
    public void saveImpl(String path) {
      new ModelFiles.Writer(model, model.parts, model.columns).saveImpl(path);
      if (model.tuned != null) {
        model.tuned.save(path, sparkSession());
      }
    }
  }

  private static final class Reader extends MLReader<MultiLabelModel> {
    @Override
    public MultiLabelModel load(String path) {
      return new ModelFiles.Reader<>(
              MultiLabelModel.class,
              LinearModel.class,
              (uid, parts) ->
                  new MultiLabelModel(uid, parts, Tuned.find(path, sparkSession()).orElse(null)))
          .load(path);
    }
  }

  /** Reads what {@link #write()} wrote. */
  public static MLReader<MultiLabelModel> read() {
    return new Reader();
  }

  /** Reads the model saved at a path. */
  public static MultiLabelModel load(String path) {
    return read().load(path);
  }

  public String getPredictionCol() {
    return value("predictionCol");
  }

  public MultiLabelModel setPredictionCol(String value) {
    return with("predictionCol", value);
  }

  public String getProbabilityCol() {
    return value("probabilityCol");
  }

  public MultiLabelModel setProbabilityCol(String value) {
    return with("probabilityCol", value);
  }

  @Override
  public String toString() {
    return "MultiLabelModel: uid=%s, labels=%d, numFeatures=%d"
        .formatted(uid(), labels().size(), numFeatures());
  }
}
