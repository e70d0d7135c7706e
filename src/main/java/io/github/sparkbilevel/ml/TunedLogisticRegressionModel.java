package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.ml.score.RawFeatures;
import io.github.sparkbilevel.model.SquaredHingeLoss;
import java.util.Map;
import org.apache.spark.ml.classification.LinearSVCModel;
import org.apache.spark.ml.classification.LogisticRegressionModel;
import org.apache.spark.ml.linalg.DenseMatrix;
import org.apache.spark.ml.linalg.Matrix;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.Identifiable;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.types.StructType;

/**
 * A logistic regression whose penalties were tuned, for raw features.
 *
 * <p>Predictions are those of Spark's own {@link LogisticRegressionModel} with the same
 * coefficients, which {@link #toSpark()} hands out, or with the loss squared-hinge those of {@link
 * #toSparkSvc()}, with probabilities beside ({@link SquaredHingeLoss}). With {@code clip} there is
 * no such model: what limits features is not linear in them.
 */
public final class TunedLogisticRegressionModel
    extends JavaClassificationModel<TunedLogisticRegressionModel> implements PortableModel {
  private static final long serialVersionUID = 1L;

  private final LinearClassifierModel classifier;
  private final RawFeatures inputs;

  /** Null with a clip, and with another loss than cross entropy. */
  private final LogisticRegressionModel spark;

  /** Not for the executors. */
  private final transient Tuned tuned;

  TunedLogisticRegressionModel(String uid, LinearClassifierModel classifier, Tuned tuned) {
    super(uid);
    this.classifier = classifier;
    this.inputs = new RawFeatures(classifier.numFeatures(), classifier.featureNames());
    this.tuned = tuned;
    this.spark =
        Double.isInfinite(classifier.clip()) && !isHinge()
            ? new LogisticRegressionModel(
                Identifiable.randomUID("logreg"),
                sparksCoefficients(classifier),
                classifier.interceptVector(),
                classifier.numClasses(),
                classifier.model().outputs() > 1)
            : null;
  }

  private boolean isHinge() {
    return classifier.model().loss() instanceof SquaredHingeLoss;
  }

  /** Spark's binomial model wants its one row of coefficients by rows. */
  private static Matrix sparksCoefficients(LinearClassifierModel classifier) {
    Matrix given = classifier.coefficientMatrix();
    return given.numRows() == 1
        ? new DenseMatrix(1, given.numCols(), given.toArray(), true)
        : given;
  }

  @Override
  public int numClasses() {
    return classifier.numClasses();
  }

  @Override
  public int numFeatures() {
    return classifier.numFeatures();
  }

  /** The coefficients of raw features, a row per class, or one row for the binomial family. */
  public Matrix coefficientMatrix() {
    return classifier.coefficientMatrix();
  }

  /** The intercepts, one for each row of {@link #coefficientMatrix()}. */
  public Vector interceptVector() {
    return classifier.interceptVector();
  }

  /** The tuned penalties by name: half of each times the squared coefficients that share it. */
  public Map<String, Double> penalties() {
    return tuned.penalties();
  }

  /** The natural logarithm of each penalty, in the order of {@link #penalties()}. */
  public double[] lambda() {
    return tuned.lambda().clone();
  }

  /** How the model came about. */
  public TuningSummary summary() {
    return tuned.summary();
  }

  /**
   * The same model as Spark's own: what is deployed then needs only Spark.
   *
   * @throws IllegalStateException when features are limited by {@code clip}, or the loss is
   *     squared-hinge
   */
  public LogisticRegressionModel toSpark() {
    Tuned.requireUnlimited(classifier.clip());
    if (spark == null) {
      throw refusal("which has no probabilities of Spark's logistic regression", "toSparkSvc()");
    }
    LogisticRegressionModel copy = spark.copy(ParamMap.empty());
    copy.setFeaturesCol(getFeaturesCol());
    copy.setPredictionCol(getPredictionCol());
    copy.setProbabilityCol(getProbabilityCol());
    copy.setRawPredictionCol(getRawPredictionCol());
    if (isSet(thresholds())) {
      copy.setThresholds(getThresholds());
    }
    return copy;
  }

  /**
   * A model with the loss squared-hinge as Spark's own support vector classifier, which has no
   * probabilities.
   *
   * @throws IllegalStateException when features are limited by {@code clip}, or the loss is another
   */
  public LinearSVCModel toSparkSvc() {
    Tuned.requireUnlimited(classifier.clip());
    if (!isHinge()) {
      throw refusal("which is none of Spark's support vector classifier", "toSpark()");
    }
    LinearSVCModel svc =
        new LinearSVCModel(
            Identifiable.randomUID("linearsvc"),
            Vectors.dense(coefficientMatrix().toArray()),
            interceptVector().apply(0));
    svc.setFeaturesCol(getFeaturesCol());
    svc.setPredictionCol(getPredictionCol());
    svc.setRawPredictionCol(getRawPredictionCol());
    return svc;
  }

  private IllegalStateException refusal(String why, String other) {
    return new IllegalStateException(
        "the model was trained with the loss '%s', %s; try %s"
            .formatted(classifier.model().loss().name(), why, other));
  }

  /** The model with its standardisation apart, as the jobs of this library save it. */
  public LinearClassifierModel classifier() {
    return classifier;
  }

  @Override
  public Vector predictRaw(Vector features) {
    inputs.requireFits(features);
    return spark == null ? classifier.predictRaw(features) : spark.predictRaw(features);
  }

  @Override
  public Vector raw2probabilityInPlace(Vector rawPrediction) {
    return spark == null
        ? classifier.raw2probabilityInPlace(rawPrediction)
        : spark.raw2probabilityInPlace(rawPrediction);
  }

  /** Adds the output columns; the prediction column carries the labels. */
  @Override
  public StructType transformSchema(StructType schema) {
    StructType out = super.transformSchema(schema);
    inputs.requireFits(schema, getFeaturesCol());
    return classifier.withLabels(out, getPredictionCol());
  }

  @Override
  public TunedLogisticRegressionModel copy(ParamMap extra) {
    TunedLogisticRegressionModel copy = new TunedLogisticRegressionModel(uid(), classifier, tuned);
    return copyValues(copy, extra).setParent(parent());
  }

  @Override
  public void writeOnnx(String path) {
    classifier.writeOnnx(path);
  }

  @Override
  public void writeWeights(String path) {
    classifier.writeWeights(path);
  }

  @Override
  public MLWriter write() {
    return new TunedFiles.Writer<>(this, classifier, tuned);
  }

  /** Reads what {@link #write()} wrote. */
  public static MLReader<TunedLogisticRegressionModel> read() {
    return new TunedFiles.Reader<>(
        TunedLogisticRegressionModel.class,
        (uid, path, tuned) ->
            new TunedLogisticRegressionModel(uid, LinearClassifierModel.load(path), tuned));
  }

  /** Reads the model saved at a path. */
  public static TunedLogisticRegressionModel load(String path) {
    return read().load(path);
  }

  @Override
  public String toString() {
    return "TunedLogisticRegressionModel: uid="
        + uid()
        + ", numClasses="
        + numClasses()
        + ", numFeatures="
        + numFeatures();
  }
}
