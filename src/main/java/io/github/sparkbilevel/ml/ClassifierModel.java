package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.ml.score.ExportedFiles;
import io.github.sparkbilevel.ml.score.ModelFiles;
import io.github.sparkbilevel.ml.score.ModelParts;
import io.github.sparkbilevel.ml.score.RawColumns;
import io.github.sparkbilevel.ml.score.RawFeatures;
import io.github.sparkbilevel.ml.score.Scorer;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.Model;
import io.github.sparkbilevel.model.OutputTile;
import io.github.sparkbilevel.model.TileColumn;
import java.util.List;
import org.apache.spark.ml.attribute.NominalAttribute;
import org.apache.spark.ml.linalg.DenseVector;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * A trained classifier as a Spark ML stage that takes raw features: it standardises and limits them
 * itself.
 *
 * <p>Columns and params are those of Spark's own classifiers. {@code rawPrediction} holds one
 * margin per class, [−z, z] where the model has one output; {@code prediction} holds the index of a
 * class, with the {@linkplain #labels() labels} in the column's metadata, so that {@code
 * IndexToString} gives the labels back without being told them. A row with a value that is not a
 * number gets probabilities that are not numbers.
 *
 * <p>A model does not change once built, except for its params.
 *
 * @param <M> the concrete model
 */
public abstract sealed class ClassifierModel<M extends ClassifierModel<M>>
    extends JavaClassificationModel<M> implements PortableModel, RawColumns.Taker
    permits LinearClassifierModel, NetworkClassifierModel {
  private static final long serialVersionUID = 1L;

  private final Model model;
  private final Scorer scorer;
  private final List<String> labels;
  private final RawFeatures inputs;

  /** Null where the model was trained on vectors or numbers as they are. */
  private transient RawColumns columns;

  ClassifierModel(String uid, ModelParts<?> parts) {
    super(uid);
    parts.requireClasses();
    this.model = parts.model();
    this.scorer = parts.scorer();
    this.labels = parts.labels();
    this.inputs = new RawFeatures(model.features(), parts.featureNames());
  }

  /** A model of the same classes and features. */
  ClassifierModel(String uid, ClassifierModel<M> like, Scorer scorer) {
    super(uid);
    this.model = like.model();
    this.scorer = scorer;
    this.labels = like.labels();
    this.inputs = like.inputs();
    this.columns = like.columns();
  }

  /** A model of the same class, classes and features with other parameters. */
  abstract M with(String uid, Scorer other);

  Model model() {
    return model;
  }

  Scorer scorer() {
    return scorer;
  }

  private RawFeatures inputs() {
    return inputs;
  }

  private RawColumns columns() {
    return columns;
  }

  @Override
  public void takeColumns(RawColumns other) {
    columns = other;
  }

  /** Adds the output columns; where a saved model knows how, rows may lack the features. */
  @Override
  public Dataset<Row> transform(Dataset<?> rows) {
    return super.transform(RawColumns.features(columns, rows, getFeaturesCol()));
  }

  @Override
  public int numClasses() {
    return model.loss().classes();
  }

  @Override
  public int numFeatures() {
    return model.features();
  }

  /** The label of each class, by class index. */
  public List<String> labels() {
    return labels;
  }

  /** The name of each feature; empty when the features have no names. */
  public List<String> featureNames() {
    return inputs.names();
  }

  /** The limit of the absolute standardised value; infinite for none. */
  public double clip() {
    return scorer.scaling().clip();
  }

  /** The margin of each class for a raw row; a new vector. */
  @Override
  public Vector predictRaw(Vector features) {
    inputs.requireFits(features);
    return Vectors.dense(model.loss().margins(scorer.outputs(features)));
  }

  @Override
  public Vector raw2probabilityInPlace(Vector rawPrediction) {
    if (!(rawPrediction instanceof DenseVector dense)) {
      throw new IllegalArgumentException(
          "got raw predictions as a sparse vector, expected a dense one; call toDense() first");
    }
    double[] z = dense.values();
    Loss loss = model.loss();
    // Of a loss with one output the two margins are taken for those of two rows.
    int rows = z.length / loss.outputs();
    OutputTile p = new OutputTile(new double[z.length], 0, rows, rows);
    // The labels only enter the value of the loss, which is not used.
    TileColumn unused = TileColumn.of(new double[rows]);
    loss.evaluate(new OutputTile(z, 0, rows, rows), TileColumn.of(new double[rows]), p, unused);
    for (int k = 0; k < z.length; k++) {
      z[k] = rows == 1 ? loss.probability(p, 0, k) : loss.probability(p, k, 1);
    }
    return rawPrediction;
  }

  /** The label of the class predicted for a raw row, by the thresholds where they are set. */
  public String predictLabel(Vector features) {
    return labels.get((int) predict(features));
  }

  /** The probability of the class with this label for a raw row. */
  public double probabilityOf(Vector features, String label) {
    int k = labels.indexOf(label);
    if (k < 0) {
      throw new IllegalArgumentException(
          "got the label '" + label + "', expected one of " + RawFeatures.shortList(labels));
    }
    return predictProbability(features).apply(k);
  }

  /** Adds the output columns; the prediction column carries the labels. */
  @Override
  public StructType transformSchema(StructType schema) {
    StructType in = RawColumns.schema(columns, schema, getFeaturesCol());
    StructType out = super.transformSchema(in);
    inputs.requireFits(in, getFeaturesCol());
    return withLabels(out, getPredictionCol());
  }

  /** The schema with the labels in the metadata of the prediction column, if there is one. */
  StructType withLabels(StructType schema, String prediction) {
    if (prediction.isEmpty()) {
      return schema;
    }
    StructField[] fields = schema.fields().clone();
    int at = schema.fieldIndex(prediction);
    fields[at] =
        new StructField(
            prediction,
            DataTypes.DoubleType,
            fields[at].nullable(),
            NominalAttribute.defaultAttr()
                .withName(prediction)
                .withValues(labels.toArray(new String[0]))
                .toMetadata());
    return new StructType(fields);
  }

  @Override
  public M copy(ParamMap extra) {
    return copyValues(with(uid(), scorer), extra).setParent(parent());
  }

  private ModelParts<?> parts() {
    return new ModelParts<>(model, scorer.theta(), scorer.scaling(), labels, featureNames());
  }

  @Override
  public MLWriter write() {
    return new ModelFiles.Writer(this, parts(), columns);
  }

  @Override
  public void writeOnnx(String path) {
    ExportedFiles.writeOnnx(parts(), path);
  }

  @Override
  public void writeWeights(String path) {
    ExportedFiles.writeWeights(parts(), path);
  }

  /** Reads the model saved at a path, whichever of the classes it is. */
  public static ClassifierModel<?> load(String path) {
    String name = ModelFiles.className(path, SparkSession.active());
    if (name.equals(LinearClassifierModel.class.getName())) {
      return LinearClassifierModel.load(path);
    }
    if (name.equals(NetworkClassifierModel.class.getName())) {
      return NetworkClassifierModel.load(path);
    }
    throw new IllegalArgumentException(
        "the model at "
            + path
            + " is a "
            + name
            + ", expected a LinearClassifierModel or a NetworkClassifierModel");
  }

  @Override
  public String toString() {
    return getClass().getSimpleName()
        + ": uid="
        + uid()
        + ", numClasses="
        + numClasses()
        + ", numFeatures="
        + numFeatures();
  }
}
