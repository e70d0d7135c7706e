package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.ml.ModelFiles.Stored;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.model.LogisticLoss;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.spark.ml.attribute.NominalAttribute;
import org.apache.spark.ml.linalg.DenseVector;
import org.apache.spark.ml.linalg.Matrix;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.Identifiable;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * A trained linear classifier, softmax or logistic, as a Spark ML stage that takes raw features: it
 * standardises and limits them itself.
 *
 * <p>Columns and params are those of Spark's own classifiers. {@code rawPrediction} holds one
 * margin per class, [−z, z] for the logistic family; {@code prediction} holds the index of a class,
 * with the {@linkplain #labels() labels} in the column's metadata, so that {@code IndexToString}
 * gives the labels back without being told them. A row with a value that is not a number gets
 * probabilities that are not numbers.
 *
 * <p>A dense row costs O(p · K), a sparse row O(nnz · K). The model does not change once built,
 * except for its params.
 */
public final class LinearClassifierModel extends JavaClassificationModel<LinearClassifierModel>
    implements MLWritable {
  private static final long serialVersionUID = 1L;

  private final LinearModel model;
  private final LinearScorer scorer;
  private final List<String> labels;
  private final RawFeatures inputs;

  /**
   * What a model is made of.
   *
   * <p>The arrays are not copied here; the model copies them.
   *
   * @param model loss, number of features and whether there are intercepts; not the squared loss
   * @param theta θ in the layout of {@link LinearModel}, for standardised features
   * @param mean what is taken from each raw feature; null, as is {@code scale}, for features taken
   *     as they are
   * @param scale what each feature is then multiplied by; 0 for a constant feature
   * @param clip limit of the absolute standardised value; infinite for none
   * @param labels the label of each class, all different
   * @param featureNames the name of each feature, or an empty list for features without names
   */
  public record Parts(
      LinearModel model,
      double[] theta,
      double[] mean,
      double[] scale,
      double clip,
      List<String> labels,
      List<String> featureNames) {

    /** Checks that the parts fit together. */
    public Parts {
      int classes = model.loss().classes();
      if (classes < 2) {
        throw new IllegalArgumentException(
            "got a model with "
                + model.loss().getClass().getSimpleName()
                + ", expected a classifier: softmax or logistic");
      }
      labels = List.copyOf(labels);
      featureNames = List.copyOf(featureNames);
      LinearParts.requireFit(model, theta, mean, scale, clip, featureNames);
      LinearParts.expect("labels", labels.size(), classes);
      Set<String> seen = new HashSet<>();
      for (String label : labels) {
        if (!seen.add(label)) {
          throw new IllegalArgumentException(
              "got the label '" + label + "' for two classes, expected different labels");
        }
      }
    }
  }

  /** A model with a uid of its own. */
  public LinearClassifierModel(Parts parts) {
    this(Identifiable.randomUID("linearClassifier"), parts);
  }

  /** A model with a given uid. */
  public LinearClassifierModel(String uid, Parts parts) {
    this(
        uid,
        parts.model(),
        new LinearScorer(parts.model(), parts.theta(), parts.mean(), parts.scale(), parts.clip()),
        parts.labels(),
        new RawFeatures(parts.model().features(), parts.featureNames()));
  }

  private LinearClassifierModel(
      String uid, LinearModel model, LinearScorer scorer, List<String> labels, RawFeatures inputs) {
    super(uid);
    this.model = model;
    this.scorer = scorer;
    this.labels = labels;
    this.inputs = inputs;
  }

  LinearModel model() {
    return model;
  }

  LinearScorer scorer() {
    return scorer;
  }

  /** A model of the same classes and features with other parameters. */
  LinearClassifierModel with(LinearScorer other) {
    return new LinearClassifierModel(
        Identifiable.randomUID("linearClassifier"), model, other, labels, inputs);
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

  /**
   * The coefficients, a row per output: K × p, and 1 × p for the logistic family.
   *
   * <p>Of <em>raw</em> features when {@link #clip()} is infinite. Otherwise of standardised
   * features, since a model that limits them is not linear in the raw ones.
   */
  public Matrix coefficientMatrix() {
    return scorer.coefficientMatrix();
  }

  /**
   * The intercepts that belong to {@link #coefficientMatrix()}, one per output.
   *
   * <p>For raw features they hold what centring takes away, so they are not 0 in a standardised
   * model that was trained without intercepts.
   */
  public Vector interceptVector() {
    return scorer.interceptVector();
  }

  /** The limit of the absolute standardised value; infinite for none. */
  public double clip() {
    return scorer.clip();
  }

  /** The margin of each class for a raw row; a new vector. */
  @Override
  public Vector predictRaw(Vector features) {
    inputs.requireFits(features);
    double[] z = scorer.outputs(features);
    return Vectors.dense(model.loss() instanceof LogisticLoss ? new double[] {-z[0], z[0]} : z);
  }

  @Override
  public Vector raw2probabilityInPlace(Vector rawPrediction) {
    if (!(rawPrediction instanceof DenseVector dense)) {
      throw new IllegalArgumentException(
          "got raw predictions as a sparse vector, expected a dense one; call toDense() first");
    }
    double[] z = dense.values();
    double[] p = new double[z.length];
    // The label only enters the value of the loss, which is not used.
    if (model.loss() instanceof LogisticLoss loss) {
      loss.evaluate(z, 0, 1, 0, p, 0);
      loss.evaluate(z, 1, 1, 0, p, 1);
    } else {
      model.loss().evaluate(z, 0, 1, 0, p, 0);
    }
    System.arraycopy(p, 0, z, 0, z.length);
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
    StructType out = super.transformSchema(schema);
    inputs.requireFits(schema, getFeaturesCol());
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
  public LinearClassifierModel copy(ParamMap extra) {
    LinearClassifierModel copy = new LinearClassifierModel(uid(), model, scorer, labels, inputs);
    return copyValues(copy, extra).setParent(parent());
  }

  @Override
  public MLWriter write() {
    return new ModelFiles.Writer(
        this,
        new Stored(
            model,
            scorer.theta(model),
            scorer.mean(),
            scorer.scale(),
            scorer.clip(),
            labels,
            featureNames()));
  }

  /** Reads what {@link #write()} wrote. */
  public static MLReader<LinearClassifierModel> read() {
    return new ModelFiles.Reader<>(
        LinearClassifierModel.class,
        (uid, stored) ->
            new LinearClassifierModel(
                uid,
                new Parts(
                    stored.model(),
                    stored.theta(),
                    stored.mean(),
                    stored.scale(),
                    stored.clip(),
                    stored.labels(),
                    stored.featureNames())));
  }

  /** Reads the model saved at a path. */
  public static LinearClassifierModel load(String path) {
    return read().load(path);
  }

  @Override
  public String toString() {
    return "LinearClassifierModel: uid="
        + uid()
        + ", numClasses="
        + numClasses()
        + ", numFeatures="
        + numFeatures();
  }
}
