package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.ml.score.RawFeatures;
import io.github.sparkbilevel.model.HuberLoss;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.QuantileLoss;
import io.github.sparkbilevel.model.SquaredLoss;
import io.github.sparkbilevel.model.TweedieLoss;
import java.util.Map;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.regression.GeneralizedLinearRegressionModel;
import org.apache.spark.ml.regression.LinearRegressionModel;
import org.apache.spark.ml.regression.RegressionModel;
import org.apache.spark.ml.util.Identifiable;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.types.StructType;

/**
 * A linear regression whose penalties were tuned, for raw features.
 *
 * <p>Predictions are those of a model of Spark's own with the same coefficients: a {@link
 * LinearRegressionModel}, which {@link #toSpark()} hands out, or with the losses poisson, gamma and
 * tweedie a {@link GeneralizedLinearRegressionModel}, which {@link #toSparkGeneralized()} hands
 * out. With {@code clip} there is no such model: what limits features is not linear in them.
 */
public final class TunedLinearRegressionModel
    extends RegressionModel<Vector, TunedLinearRegressionModel> implements PortableModel {
  private static final long serialVersionUID = 1L;

  private final String uid;
  private final LinearRegressorModel regressor;
  private final RawFeatures inputs;

  /** Null with a clip, or a loss whose predictions are not linear. */
  private final LinearRegressionModel spark;

  /** Not for the executors. */
  private final transient Tuned tuned;

  TunedLinearRegressionModel(String uid, LinearRegressorModel regressor, Tuned tuned) {
    this(EarlyUid.of(uid), regressor, tuned);
  }

  private TunedLinearRegressionModel(EarlyUid uid, LinearRegressorModel regressor, Tuned tuned) {
    this.uid = uid.arrive();
    this.regressor = regressor;
    this.inputs = new RawFeatures(regressor.numFeatures(), regressor.featureNames());
    this.tuned = tuned;
    this.spark =
        Double.isInfinite(regressor.clip()) && isLinear(regressor.loss())
            ? new LinearRegressionModel(
                Identifiable.randomUID("linReg"),
                regressor.coefficients(),
                regressor.intercept(),
                1.0)
            : null;
  }

  private static boolean isLinear(Loss loss) {
    return loss instanceof SquaredLoss || loss instanceof HuberLoss || loss instanceof QuantileLoss;
  }

  @Override
  public String uid() {
    return EarlyUid.orWaiting(uid);
  }

  @Override
  public int numFeatures() {
    return regressor.numFeatures();
  }

  /** The coefficients of raw features. */
  public Vector coefficients() {
    return regressor.coefficients();
  }

  /** The intercept. */
  public double intercept() {
    return regressor.intercept();
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
   * @throws IllegalStateException when features are limited by {@code clip}, or predictions are not
   *     linear in them
   */
  public LinearRegressionModel toSpark() {
    Tuned.requireUnlimited(regressor.clip());
    if (spark == null) {
      throw refusal("whose predictions Spark's linear regression does not make", "squared");
    }
    return withColumns(spark.copy(ParamMap.empty()));
  }

  /**
   * A model with the loss poisson, gamma or tweedie as Spark's own.
   *
   * @throws IllegalStateException when features are limited by {@code clip}, or the loss is another
   */
  public GeneralizedLinearRegressionModel toSparkGeneralized() {
    Tuned.requireUnlimited(regressor.clip());
    if (!(regressor.loss() instanceof TweedieLoss loss)) {
      throw refusal("which is no family of Spark's generalized linear regression", "poisson");
    }
    GeneralizedLinearRegressionModel model =
        new GeneralizedLinearRegressionModel(
            Identifiable.randomUID("glm"), coefficients(), intercept());
    model.set("family", loss.family());
    boolean hasPower = loss.power() > 1 && loss.power() < 2;
    if (hasPower) {
      model.set("variancePower", loss.power()).set("linkPower", 0.0);
    } else {
      model.set("link", "log");
    }
    return withColumns(model);
  }

  private IllegalStateException refusal(String why, String expected) {
    return new IllegalStateException(
        "the model was trained with the loss '%s', %s; expected a loss such as %s"
            .formatted(regressor.loss().name(), why, expected));
  }

  private <M extends RegressionModel<Vector, M>> M withColumns(M model) {
    model.setFeaturesCol(getFeaturesCol());
    model.setPredictionCol(getPredictionCol());
    return model;
  }

  /** The model with its standardisation apart, as the jobs of this library save it. */
  public LinearRegressorModel regressor() {
    return regressor;
  }

  @Override
  public double predict(Vector features) {
    inputs.requireFits(features);
    return spark == null ? regressor.predict(features) : spark.predict(features);
  }

  @Override
  public StructType transformSchema(StructType schema) {
    StructType out = super.transformSchema(schema);
    inputs.requireFits(schema, getFeaturesCol());
    return out;
  }

  @Override
  public TunedLinearRegressionModel copy(ParamMap extra) {
    TunedLinearRegressionModel copy = new TunedLinearRegressionModel(uid(), regressor, tuned);
    return copyValues(copy, extra).setParent(parent());
  }

  @Override
  public void writeOnnx(String path) {
    regressor.writeOnnx(path);
  }

  @Override
  public void writeWeights(String path) {
    regressor.writeWeights(path);
  }

  @Override
  public MLWriter write() {
    return new TunedFiles.Writer<>(this, regressor, tuned);
  }

  /** Reads what {@link #write()} wrote. */
  public static MLReader<TunedLinearRegressionModel> read() {
    return new TunedFiles.Reader<>(
        TunedLinearRegressionModel.class,
        (uid, path, tuned) ->
            new TunedLinearRegressionModel(uid, LinearRegressorModel.load(path), tuned));
  }

  /** Reads the model saved at a path. */
  public static TunedLinearRegressionModel load(String path) {
    return read().load(path);
  }

  @Override
  public String toString() {
    return "TunedLinearRegressionModel: uid=" + uid() + ", numFeatures=" + numFeatures();
  }
}
