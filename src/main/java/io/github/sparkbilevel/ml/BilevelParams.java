package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.settings.Setting;
import io.github.sparkbilevel.settings.Stage;
import io.github.sparkbilevel.settings.Use;
import io.github.sparkbilevel.settings.ValueType;
import java.util.Optional;
import org.apache.spark.ml.Model;

/**
 * The params that every estimator of this library has, under Spark's names where Spark has them.
 *
 * <p>An optional column whose param is empty is not used.
 *
 * @param <M> the model
 * @param <E> the estimator itself, which its setters return
 */
public abstract class BilevelParams<M extends Model<M>, E extends BilevelParams<M, E>>
    extends NamedEstimator<M, E> {
  private static final long serialVersionUID = 1L;

  BilevelParams(String uid, Stage stage) {
    super(uid, stage);
  }

  /** Whether the lower level is a network. */
  boolean isNetwork() {
    return false;
  }

  /** What this is for, by which some defaults go. */
  Use use() {
    return stage().use(isNetwork());
  }

  /** The value in effect: what is set, or the default for this lower level. */
  <T> T inUse(Setting<T> setting) {
    Optional<String> name = setting.param(stage());
    if (name.isEmpty() || !isSet(getParam(name.get()))) {
      return setting.defaultIn(use());
    }
    try {
      return setting.fromParam(value(name.get()), stage());
    } catch (ValueType.Mismatch e) {
      throw new IllegalStateException(e);
    }
  }

  /** The value of {@code featuresCol}. */
  public String getFeaturesCol() {
    return value("featuresCol");
  }

  /** Sets {@code featuresCol}. */
  public E setFeaturesCol(String value) {
    return with("featuresCol", value);
  }

  /** The value of {@code labelCol}. */
  public String getLabelCol() {
    return value("labelCol");
  }

  /** Sets {@code labelCol}. */
  public E setLabelCol(String value) {
    return with("labelCol", value);
  }

  /** The value of {@code idCol}. */
  public String getIdCol() {
    return value("idCol");
  }

  /** Sets {@code idCol}. */
  public E setIdCol(String value) {
    return with("idCol", value);
  }

  /** The value of {@code groupCol}. */
  public String getGroupCol() {
    return value("groupCol");
  }

  /** Sets {@code groupCol}. */
  public E setGroupCol(String value) {
    return with("groupCol", value);
  }

  /** The value of {@code regParam}. */
  public double getRegParam() {
    return value("regParam");
  }

  /** Sets {@code regParam}. */
  public E setRegParam(double value) {
    return with("regParam", value);
  }

  /** The value of {@code fitIntercept}. */
  public boolean getFitIntercept() {
    return value("fitIntercept");
  }

  /** Sets {@code fitIntercept}. */
  public E setFitIntercept(boolean value) {
    return with("fitIntercept", value);
  }

  /** The value of {@code penalizeIntercept}. */
  public boolean getPenalizeIntercept() {
    return value("penalizeIntercept");
  }

  /** Sets {@code penalizeIntercept}. */
  public E setPenalizeIntercept(boolean value) {
    return with("penalizeIntercept", value);
  }

  /** The value of {@code standardization}. */
  public boolean getStandardization() {
    return value("standardization");
  }

  /** Sets {@code standardization}. */
  public E setStandardization(boolean value) {
    return with("standardization", value);
  }

  /** The value of {@code clip}. */
  public double getClip() {
    return value("clip");
  }

  /** Sets {@code clip}. */
  public E setClip(double value) {
    return with("clip", value);
  }

  /** The value of {@code upperVariables}. */
  public String[] getUpperVariables() {
    return value("upperVariables");
  }

  /** Sets {@code upperVariables}. */
  public E setUpperVariables(String[] value) {
    return with("upperVariables", value);
  }

  /** The value of {@code initialLambda}. */
  public double[] getInitialLambda() {
    return value("initialLambda");
  }

  /** Sets {@code initialLambda}. */
  public E setInitialLambda(double[] value) {
    return with("initialLambda", value);
  }

  /** The value of {@code lambdaBounds}. */
  public double[] getLambdaBounds() {
    return value("lambdaBounds");
  }

  /** Sets {@code lambdaBounds}. */
  public E setLambdaBounds(double[] value) {
    return with("lambdaBounds", value);
  }

  /** The value of {@code stepSize}. */
  public double getStepSize() {
    return value("stepSize");
  }

  /** Sets {@code stepSize}. */
  public E setStepSize(double value) {
    return with("stepSize", value);
  }

  /** The value of {@code maxIter}. */
  public int getMaxIter() {
    return value("maxIter");
  }

  /** Sets {@code maxIter}. */
  public E setMaxIter(int value) {
    return with("maxIter", value);
  }

  /** The value of {@code patience}. */
  public int getPatience() {
    return value("patience");
  }

  /** Sets {@code patience}. */
  public E setPatience(int value) {
    return with("patience", value);
  }

  /** The value of {@code curvature}. */
  public String getCurvature() {
    return value("curvature");
  }

  /** Sets {@code curvature}. */
  public E setCurvature(String value) {
    return with("curvature", value);
  }

  /** The value of {@code products}. */
  public int getProducts() {
    return value("products");
  }

  /** Sets {@code products}. */
  public E setProducts(int value) {
    return with("products", value);
  }

  /** The value of {@code sketchColumns}. */
  public int getSketchColumns() {
    return value("sketchColumns");
  }

  /** Sets {@code sketchColumns}. */
  public E setSketchColumns(int value) {
    return with("sketchColumns", value);
  }

  /** The value of {@code damping}. */
  public double getDamping() {
    return value("damping");
  }

  /** Sets {@code damping}. */
  public E setDamping(double value) {
    return with("damping", value);
  }

  /** The value of {@code warmupPasses}. */
  public int getWarmupPasses() {
    return value("warmupPasses");
  }

  /** Sets {@code warmupPasses}. */
  public E setWarmupPasses(int value) {
    return with("warmupPasses", value);
  }

  /** The value of {@code warmupTol}. */
  public double getWarmupTol() {
    return value("warmupTol");
  }

  /** Sets {@code warmupTol}. */
  public E setWarmupTol(double value) {
    return with("warmupTol", value);
  }

  /** The value of {@code precision}. */
  public String getPrecision() {
    return value("precision");
  }

  /** Sets {@code precision}. */
  public E setPrecision(String value) {
    return with("precision", value);
  }

  /** The value of {@code backend}. */
  public String getBackend() {
    return value("backend");
  }

  /** Sets {@code backend}. */
  public E setBackend(String value) {
    return with("backend", value);
  }

  /** The value of {@code device}. */
  public String getDevice() {
    return value("device");
  }

  /** Sets {@code device}. */
  public E setDevice(String value) {
    return with("device", value);
  }

  /** The value of {@code baselines}. */
  public String[] getBaselines() {
    return value("baselines");
  }

  /** Sets {@code baselines}. */
  public E setBaselines(String[] value) {
    return with("baselines", value);
  }

  /** The value of {@code numPartitions}. */
  public int getNumPartitions() {
    return value("numPartitions");
  }

  /** Sets {@code numPartitions}. */
  public E setNumPartitions(int value) {
    return with("numPartitions", value);
  }

  /** The value of {@code maxBlockSizeInMB}. */
  public double getMaxBlockSizeInMB() {
    return value("maxBlockSizeInMB");
  }

  /** Sets {@code maxBlockSizeInMB}. */
  public E setMaxBlockSizeInMB(double value) {
    return with("maxBlockSizeInMB", value);
  }

  /** The value of {@code checkpointInterval}. */
  public int getCheckpointInterval() {
    return value("checkpointInterval");
  }

  /** Sets {@code checkpointInterval}. */
  public E setCheckpointInterval(int value) {
    return with("checkpointInterval", value);
  }

  /** The value of {@code checkpointPath}. */
  public String getCheckpointPath() {
    return value("checkpointPath");
  }

  /** Sets {@code checkpointPath}. */
  public E setCheckpointPath(String value) {
    return with("checkpointPath", value);
  }

  /** The value of {@code seed}. */
  public long getSeed() {
    return value("seed");
  }

  /** Sets {@code seed}. */
  public E setSeed(long value) {
    return with("seed", value);
  }
}
