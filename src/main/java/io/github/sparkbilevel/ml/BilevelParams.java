package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.ml.param.NamedEstimator;
import io.github.sparkbilevel.settings.Keys;
import io.github.sparkbilevel.settings.Setting;
import io.github.sparkbilevel.settings.Stage;
import io.github.sparkbilevel.settings.Use;
import io.github.sparkbilevel.settings.ValueType;
import io.github.sparkbilevel.spark.Device;
import io.github.sparkbilevel.spark.Placement;
import java.util.Optional;
import org.apache.spark.ml.Model;

/**
 * The params that every estimator of this library has, under Spark's names where Spark has them.
 *
 * <p>Each param has a getter and a setter; {@code explainParams()} and docs/params.md say what it
 * does. An optional column whose param is empty is not used.
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
    return isNetwork() ? stage().use(Keys.NETWORK) : stage().use();
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

  public double getRegParam() {
    return value("regParam");
  }

  public E setRegParam(double value) {
    return with("regParam", value);
  }

  public boolean getFitIntercept() {
    return value("fitIntercept");
  }

  public E setFitIntercept(boolean value) {
    return with("fitIntercept", value);
  }

  public boolean getPenalizeIntercept() {
    return value("penalizeIntercept");
  }

  public E setPenalizeIntercept(boolean value) {
    return with("penalizeIntercept", value);
  }

  public boolean getStandardization() {
    return value("standardization");
  }

  public E setStandardization(boolean value) {
    return with("standardization", value);
  }

  public double getClip() {
    return value("clip");
  }

  public E setClip(double value) {
    return with("clip", value);
  }

  public String[] getUpperVariables() {
    return value("upperVariables");
  }

  public E setUpperVariables(String[] value) {
    return with("upperVariables", value);
  }

  public double[] getInitialLambda() {
    return value("initialLambda");
  }

  public E setInitialLambda(double[] value) {
    return with("initialLambda", value);
  }

  public double[] getLambdaBounds() {
    return value("lambdaBounds");
  }

  public E setLambdaBounds(double[] value) {
    return with("lambdaBounds", value);
  }

  public String getAlgorithm() {
    return value("algorithm");
  }

  public E setAlgorithm(String value) {
    return with("algorithm", value);
  }

  public double getStepSize() {
    return value("stepSize");
  }

  public E setStepSize(double value) {
    return with("stepSize", value);
  }

  public int getMaxIter() {
    return value("maxIter");
  }

  public E setMaxIter(int value) {
    return with("maxIter", value);
  }

  public int getPatience() {
    return value("patience");
  }

  public E setPatience(int value) {
    return with("patience", value);
  }

  public String getCurvature() {
    return value("curvature");
  }

  public E setCurvature(String value) {
    return with("curvature", value);
  }

  public int getProducts() {
    return value("products");
  }

  public E setProducts(int value) {
    return with("products", value);
  }

  public int getSketchColumns() {
    return value("sketchColumns");
  }

  public E setSketchColumns(int value) {
    return with("sketchColumns", value);
  }

  public double getDamping() {
    return value("damping");
  }

  public E setDamping(double value) {
    return with("damping", value);
  }

  public int getWarmupPasses() {
    return value("warmupPasses");
  }

  public E setWarmupPasses(int value) {
    return with("warmupPasses", value);
  }

  public double getWarmupTol() {
    return value("warmupTol");
  }

  public E setWarmupTol(double value) {
    return with("warmupTol", value);
  }

  public String getPrecision() {
    return value("precision");
  }

  public E setPrecision(String value) {
    return with("precision", value);
  }

  public String getBackend() {
    return value("backend");
  }

  public E setBackend(String value) {
    return with("backend", value);
  }

  public String getDevice() {
    return value("device");
  }

  public E setDevice(String value) {
    return with("device", value);
  }

  public double getDeviceMemory() {
    return value("deviceMemory");
  }

  public E setDeviceMemory(double value) {
    return with("deviceMemory", value);
  }

  final Placement placement() {
    return new Placement(Device.of(getDevice()), getBackend(), getDeviceMemory());
  }

  public String[] getBaselines() {
    return value("baselines");
  }

  public E setBaselines(String[] value) {
    return with("baselines", value);
  }

  public int getNumPartitions() {
    return value("numPartitions");
  }

  public E setNumPartitions(int value) {
    return with("numPartitions", value);
  }

  public double getMaxBlockSizeInMB() {
    return value("maxBlockSizeInMB");
  }

  public E setMaxBlockSizeInMB(double value) {
    return with("maxBlockSizeInMB", value);
  }

  public int getCheckpointInterval() {
    return value("checkpointInterval");
  }

  public E setCheckpointInterval(int value) {
    return with("checkpointInterval", value);
  }

  public String getCheckpointPath() {
    return value("checkpointPath");
  }

  public E setCheckpointPath(String value) {
    return with("checkpointPath", value);
  }

  public long getSeed() {
    return value("seed");
  }

  public E setSeed(long value) {
    return with("seed", value);
  }
}
