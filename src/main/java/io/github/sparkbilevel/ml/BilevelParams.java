package io.github.sparkbilevel.ml;

import java.util.Arrays;
import org.apache.spark.ml.Model;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.DoubleArrayParam;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.StringArrayParam;

/**
 * The params that every estimator of this library has, under Spark's names where Spark has them.
 *
 * <p>An optional column whose param is empty is not used.
 *
 * @param <M> the model
 * @param <E> the estimator itself, which its setters return
 */
public abstract class BilevelParams<M extends Model<M>, E extends BilevelParams<M, E>>
    extends NamedEstimator<M> {
  private static final long serialVersionUID = 1L;

  private final Param<String> featuresCol =
      new Param<>(this, "featuresCol", "the column of the features, one vector in each row");
  private final Param<String> labelCol = new Param<>(this, "labelCol", "the column of the labels");
  private final Param<String> idCol =
      new Param<>(
          this,
          "idCol",
          "the column of the row ids, all different; empty numbers the rows from 0 in their order");
  private final Param<String> groupCol =
      new Param<>(
          this,
          "groupCol",
          "the column of the source, annotator or batch of each row; empty for none");
  private final DoubleParam regParam =
      new DoubleParam(
          this,
          "regParam",
          "the penalty where it is not tuned, and where it starts when it is: half of it times the squared coefficients is added to the lower objective (>= 0)",
          Ranges.atLeast(0));
  private final BooleanParam fitIntercept =
      new BooleanParam(this, "fitIntercept", "whether each output has an intercept");
  private final BooleanParam penalizeIntercept =
      new BooleanParam(this, "penalizeIntercept", "whether the penalty takes in the intercepts");
  private final BooleanParam standardization =
      new BooleanParam(
          this,
          "standardization",
          "whether features are given mean 0 and variance 1 by the training rows before the fit; a constant one is 0");
  private final DoubleParam clip =
      new DoubleParam(
          this,
          "clip",
          "limit of the absolute standardised features, in standard deviations; 0 for none (>= 0)",
          Ranges.atLeast(0));
  private final StringArrayParam upperVariables =
      new StringArrayParam(
          this,
          "upperVariables",
          "what the upper level tunes, one kind of weights, one penalty, or weights and then a penalty: "
              + String.join(", ", variables()),
          Ranges.someOf(variables()));
  private final DoubleArrayParam initialLambda =
      new DoubleArrayParam(
          this,
          "initialLambda",
          "where the upper variables start, in lambda: a weight is sigma(lambda), a penalty is exp(lambda); one number for each of upperVariables, or none for 0 in weights and ln(regParam) in penalties",
          Ranges.finite());
  private final DoubleArrayParam lambdaBounds =
      new DoubleArrayParam(
          this,
          "lambdaBounds",
          "the least and the greatest lambda, or none for those of the kind: ln(1e-10) to ln(1e4) for penalties, -10 to 10 for weights of rows",
          Ranges.bounds());
  private final Param<String> algorithm =
      new Param<>(
          this,
          "algorithm",
          "how lambda moves: nbo; lbfgs, in tuning; for a lambda on the driver an algorithm of the"
              + " field, with options, as in 'soba share=0.1'; or auto for lbfgs in tuning without"
              + " example-weights, and nbo elsewhere");
  private final DoubleParam stepSize =
      new DoubleParam(
          this,
          "stepSize",
          "how far nbo moves lambda in one of the first iterations; 0 is 0.2 on the driver and 0.5 for example-weights (>= 0)",
          Ranges.atLeast(0));
  private final IntParam maxIter =
      new IntParam(
          this, "maxIter", "the most iterations of the upper level (>= 1)", Ranges.atLeast(1));
  private final IntParam patience =
      new IntParam(
          this,
          "patience",
          "iterations without progress after which the run ends (>= 1)",
          Ranges.atLeast(1));
  private final Param<String> curvature =
      new Param<>(
          this,
          "curvature",
          "how linear systems in the Hessian are solved: " + String.join(", ", curvatures()),
          Ranges.oneOf(curvatures()));
  private final IntParam products =
      new IntParam(
          this,
          "products",
          "Hessian products of an iteration of nbo, each of which costs a pass (>= 1)",
          Ranges.atLeast(1));
  private final IntParam sketchColumns =
      new IntParam(
          this,
          "sketchColumns",
          "columns of the sketch of nystrom-cg, made in one pass (>= 1)",
          Ranges.atLeast(1));
  private final DoubleParam damping =
      new DoubleParam(
          this,
          "damping",
          "is added to the diagonal of the Hessian in every linear system (>= 0)",
          Ranges.atLeast(0));
  private final IntParam warmupPasses =
      new IntParam(
          this,
          "warmupPasses",
          "the most passes that nbo spends on the lower level alone before lambda moves (>= 0)",
          Ranges.atLeast(0));
  private final DoubleParam warmupTol =
      new DoubleParam(
          this,
          "warmupTol",
          "the warm-up ends when the largest entry of the lower gradient has fallen to this share of the first one (>= 0)",
          Ranges.atLeast(0));
  private final Param<String> precision =
      new Param<>(
          this,
          "precision",
          "of the features and the products over them: single or double",
          Ranges.oneOf("single", "double"));
  private final Param<String> backend =
      new Param<>(
          this,
          "backend",
          "who computes dense products: auto, jvm, netlib or nd4j",
          Ranges.oneOf("auto", "jvm", "netlib", "nd4j"));
  private final Param<String> device =
      new Param<>(
          this,
          "device",
          "where products are computed: gpu needs a backend for GPUs and a GPU for each task, auto takes them where both are there; auto, cpu or gpu",
          Ranges.oneOf("auto", "cpu", "gpu"));
  private final StringArrayParam baselines =
      new StringArrayParam(
          this,
          "baselines",
          "what the result is compared with: " + String.join(", ", comparisons()),
          Ranges.someOf(comparisons()));
  private final IntParam numPartitions =
      new IntParam(
          this,
          "numPartitions",
          "partitions that the rows are spread over; 0 makes them of about 16 MiB (>= 0)",
          Ranges.atLeast(0));
  private final DoubleParam maxBlockSizeInMB =
      new DoubleParam(
          this, "maxBlockSizeInMB", "MiB of features in a block of rows (> 0)", Ranges.above(0));
  private final IntParam checkpointInterval =
      new IntParam(
          this,
          "checkpointInterval",
          "iterations from one checkpoint to the next, and between two cuts of the lineage of weights beside the rows (>= 1)",
          Ranges.atLeast(1));
  private final Param<String> checkpointPath =
      new Param<>(
          this,
          "checkpointPath",
          "the folder for checkpoints, from which a fit that was cut off goes on when it is called again with the same rows and params; on storage that every executor reaches; empty for none");
  private final LongParam seed = new LongParam(this, "seed", "where every random draw comes from");

  /** Takes the uid and sets the defaults. */
  BilevelParams(String uid) {
    super(uid);
    setDefault(featuresCol, "features");
    setDefault(labelCol, "label");
    setDefault(idCol, "");
    setDefault(groupCol, "");
    setDefault(regParam, 0.01);
    setDefault(fitIntercept, true);
    setDefault(penalizeIntercept, false);
    setDefault(standardization, true);
    setDefault(clip, 0.0);
    setDefault(upperVariables, new String[] {defaultVariable()});
    setDefault(initialLambda, new double[0]);
    setDefault(lambdaBounds, new double[0]);
    setDefault(algorithm, "auto");
    setDefault(stepSize, 0.0);
    setDefault(maxIter, defaultIterations());
    setDefault(patience, defaultPatience());
    setDefault(curvature, "auto");
    setDefault(products, 2);
    setDefault(sketchColumns, 20);
    setDefault(damping, 0.0);
    setDefault(warmupPasses, 60);
    setDefault(warmupTol, 1e-2);
    setDefault(precision, defaultPrecision());
    setDefault(backend, "auto");
    setDefault(device, "auto");
    setDefault(baselines, defaultBaselines());
    setDefault(numPartitions, 0);
    setDefault(maxBlockSizeInMB, 8.0);
    setDefault(checkpointInterval, 10);
    setDefault(checkpointPath, "");
    setDefault(seed, 42L);
  }

  /** The values of {@link #upperVariables()}. */
  public abstract String[] variables();

  /** The values of {@link #baselines()}. */
  public abstract String[] comparisons();

  /** The values of {@link #curvature()}. */
  public String[] curvatures() {
    return new String[] {"auto", "exact", "kfac-cg", "sampled-cg", "nystrom-cg", "jacobi-cg", "cg"};
  }

  /** T, as the lower level wants it where it is not set. */
  int productsInUse() {
    return getProducts();
  }

  /** δ, likewise. */
  double dampingInUse() {
    return getDamping();
  }

  static String[] words(UpperVariable... variables) {
    return Arrays.stream(variables).map(UpperVariable::label).toArray(String[]::new);
  }

  abstract String defaultVariable();

  abstract int defaultIterations();

  abstract int defaultPatience();

  abstract String defaultPrecision();

  abstract String[] defaultBaselines();

  /** This, by its own type. */
  abstract E self();

  /** The param {@code featuresCol}. */
  public Param<String> featuresCol() {
    return featuresCol;
  }

  /** The value of {@link #featuresCol()}. */
  public String getFeaturesCol() {
    return getOrDefault(featuresCol);
  }

  /** Sets {@link #featuresCol()}. */
  public E setFeaturesCol(String value) {
    set(featuresCol, value);
    return self();
  }

  /** The param {@code labelCol}. */
  public Param<String> labelCol() {
    return labelCol;
  }

  /** The value of {@link #labelCol()}. */
  public String getLabelCol() {
    return getOrDefault(labelCol);
  }

  /** Sets {@link #labelCol()}. */
  public E setLabelCol(String value) {
    set(labelCol, value);
    return self();
  }

  /** The param {@code idCol}. */
  public Param<String> idCol() {
    return idCol;
  }

  /** The value of {@link #idCol()}. */
  public String getIdCol() {
    return getOrDefault(idCol);
  }

  /** Sets {@link #idCol()}. */
  public E setIdCol(String value) {
    set(idCol, value);
    return self();
  }

  /** The param {@code groupCol}. */
  public Param<String> groupCol() {
    return groupCol;
  }

  /** The value of {@link #groupCol()}. */
  public String getGroupCol() {
    return getOrDefault(groupCol);
  }

  /** Sets {@link #groupCol()}. */
  public E setGroupCol(String value) {
    set(groupCol, value);
    return self();
  }

  /** The param {@code regParam}. */
  public DoubleParam regParam() {
    return regParam;
  }

  /** The value of {@link #regParam()}. */
  public double getRegParam() {
    return (double) getOrDefault(regParam);
  }

  /** Sets {@link #regParam()}. */
  public E setRegParam(double value) {
    set(regParam, value);
    return self();
  }

  /** The param {@code fitIntercept}. */
  public BooleanParam fitIntercept() {
    return fitIntercept;
  }

  /** The value of {@link #fitIntercept()}. */
  public boolean getFitIntercept() {
    return (boolean) getOrDefault(fitIntercept);
  }

  /** Sets {@link #fitIntercept()}. */
  public E setFitIntercept(boolean value) {
    set(fitIntercept, value);
    return self();
  }

  /** The param {@code penalizeIntercept}. */
  public BooleanParam penalizeIntercept() {
    return penalizeIntercept;
  }

  /** The value of {@link #penalizeIntercept()}. */
  public boolean getPenalizeIntercept() {
    return (boolean) getOrDefault(penalizeIntercept);
  }

  /** Sets {@link #penalizeIntercept()}. */
  public E setPenalizeIntercept(boolean value) {
    set(penalizeIntercept, value);
    return self();
  }

  /** The param {@code standardization}. */
  public BooleanParam standardization() {
    return standardization;
  }

  /** The value of {@link #standardization()}. */
  public boolean getStandardization() {
    return (boolean) getOrDefault(standardization);
  }

  /** Sets {@link #standardization()}. */
  public E setStandardization(boolean value) {
    set(standardization, value);
    return self();
  }

  /** The param {@code clip}. */
  public DoubleParam clip() {
    return clip;
  }

  /** The value of {@link #clip()}. */
  public double getClip() {
    return (double) getOrDefault(clip);
  }

  /** Sets {@link #clip()}. */
  public E setClip(double value) {
    set(clip, value);
    return self();
  }

  /** The param {@code upperVariables}. */
  public StringArrayParam upperVariables() {
    return upperVariables;
  }

  /** The value of {@link #upperVariables()}. */
  public String[] getUpperVariables() {
    return getOrDefault(upperVariables).clone();
  }

  /** Sets {@link #upperVariables()}. */
  public E setUpperVariables(String[] value) {
    set(upperVariables, value);
    return self();
  }

  /** The param {@code initialLambda}. */
  public DoubleArrayParam initialLambda() {
    return initialLambda;
  }

  /** The value of {@link #initialLambda()}. */
  public double[] getInitialLambda() {
    return getOrDefault(initialLambda).clone();
  }

  /** Sets {@link #initialLambda()}. */
  public E setInitialLambda(double[] value) {
    set(initialLambda, value);
    return self();
  }

  /** The param {@code lambdaBounds}. */
  public DoubleArrayParam lambdaBounds() {
    return lambdaBounds;
  }

  /** The value of {@link #lambdaBounds()}. */
  public double[] getLambdaBounds() {
    return getOrDefault(lambdaBounds).clone();
  }

  /** Sets {@link #lambdaBounds()}. */
  public E setLambdaBounds(double[] value) {
    set(lambdaBounds, value);
    return self();
  }

  /** The param {@code algorithm}. */
  public Param<String> algorithm() {
    return algorithm;
  }

  /** The value of {@link #algorithm()}. */
  public String getAlgorithm() {
    return getOrDefault(algorithm);
  }

  /** Sets {@link #algorithm()}. */
  public E setAlgorithm(String value) {
    set(algorithm, value);
    return self();
  }

  /** The param {@code stepSize}. */
  public DoubleParam stepSize() {
    return stepSize;
  }

  /** The value of {@link #stepSize()}. */
  public double getStepSize() {
    return (double) getOrDefault(stepSize);
  }

  /** Sets {@link #stepSize()}. */
  public E setStepSize(double value) {
    set(stepSize, value);
    return self();
  }

  /** The param {@code maxIter}. */
  public IntParam maxIter() {
    return maxIter;
  }

  /** The value of {@link #maxIter()}. */
  public int getMaxIter() {
    return (int) getOrDefault(maxIter);
  }

  /** Sets {@link #maxIter()}. */
  public E setMaxIter(int value) {
    set(maxIter, value);
    return self();
  }

  /** The param {@code patience}. */
  public IntParam patience() {
    return patience;
  }

  /** The value of {@link #patience()}. */
  public int getPatience() {
    return (int) getOrDefault(patience);
  }

  /** Sets {@link #patience()}. */
  public E setPatience(int value) {
    set(patience, value);
    return self();
  }

  /** The param {@code curvature}. */
  public Param<String> curvature() {
    return curvature;
  }

  /** The value of {@link #curvature()}. */
  public String getCurvature() {
    return getOrDefault(curvature);
  }

  /** Sets {@link #curvature()}. */
  public E setCurvature(String value) {
    set(curvature, value);
    return self();
  }

  /** The param {@code products}. */
  public IntParam products() {
    return products;
  }

  /** The value of {@link #products()}. */
  public int getProducts() {
    return (int) getOrDefault(products);
  }

  /** Sets {@link #products()}. */
  public E setProducts(int value) {
    set(products, value);
    return self();
  }

  /** The param {@code sketchColumns}. */
  public IntParam sketchColumns() {
    return sketchColumns;
  }

  /** The value of {@link #sketchColumns()}. */
  public int getSketchColumns() {
    return (int) getOrDefault(sketchColumns);
  }

  /** Sets {@link #sketchColumns()}. */
  public E setSketchColumns(int value) {
    set(sketchColumns, value);
    return self();
  }

  /** The param {@code damping}. */
  public DoubleParam damping() {
    return damping;
  }

  /** The value of {@link #damping()}. */
  public double getDamping() {
    return (double) getOrDefault(damping);
  }

  /** Sets {@link #damping()}. */
  public E setDamping(double value) {
    set(damping, value);
    return self();
  }

  /** The param {@code warmupPasses}. */
  public IntParam warmupPasses() {
    return warmupPasses;
  }

  /** The value of {@link #warmupPasses()}. */
  public int getWarmupPasses() {
    return (int) getOrDefault(warmupPasses);
  }

  /** Sets {@link #warmupPasses()}. */
  public E setWarmupPasses(int value) {
    set(warmupPasses, value);
    return self();
  }

  /** The param {@code warmupTol}. */
  public DoubleParam warmupTol() {
    return warmupTol;
  }

  /** The value of {@link #warmupTol()}. */
  public double getWarmupTol() {
    return (double) getOrDefault(warmupTol);
  }

  /** Sets {@link #warmupTol()}. */
  public E setWarmupTol(double value) {
    set(warmupTol, value);
    return self();
  }

  /** The param {@code precision}. */
  public Param<String> precision() {
    return precision;
  }

  /** The value of {@link #precision()}. */
  public String getPrecision() {
    return getOrDefault(precision);
  }

  /** Sets {@link #precision()}. */
  public E setPrecision(String value) {
    set(precision, value);
    return self();
  }

  /** The param {@code backend}. */
  public Param<String> backend() {
    return backend;
  }

  /** The value of {@link #backend()}. */
  public String getBackend() {
    return getOrDefault(backend);
  }

  /** Sets {@link #backend()}. */
  public E setBackend(String value) {
    set(backend, value);
    return self();
  }

  /** The param {@code device}. */
  public Param<String> device() {
    return device;
  }

  /** The value of {@link #device()}. */
  public String getDevice() {
    return getOrDefault(device);
  }

  /** Sets {@link #device()}. */
  public E setDevice(String value) {
    set(device, value);
    return self();
  }

  /** The param {@code baselines}. */
  public StringArrayParam baselines() {
    return baselines;
  }

  /** The value of {@link #baselines()}. */
  public String[] getBaselines() {
    return getOrDefault(baselines).clone();
  }

  /** Sets {@link #baselines()}. */
  public E setBaselines(String[] value) {
    set(baselines, value);
    return self();
  }

  /** The param {@code numPartitions}. */
  public IntParam numPartitions() {
    return numPartitions;
  }

  /** The value of {@link #numPartitions()}. */
  public int getNumPartitions() {
    return (int) getOrDefault(numPartitions);
  }

  /** Sets {@link #numPartitions()}. */
  public E setNumPartitions(int value) {
    set(numPartitions, value);
    return self();
  }

  /** The param {@code maxBlockSizeInMB}. */
  public DoubleParam maxBlockSizeInMB() {
    return maxBlockSizeInMB;
  }

  /** The value of {@link #maxBlockSizeInMB()}. */
  public double getMaxBlockSizeInMB() {
    return (double) getOrDefault(maxBlockSizeInMB);
  }

  /** Sets {@link #maxBlockSizeInMB()}. */
  public E setMaxBlockSizeInMB(double value) {
    set(maxBlockSizeInMB, value);
    return self();
  }

  /** The param {@code checkpointInterval}. */
  public IntParam checkpointInterval() {
    return checkpointInterval;
  }

  /** The value of {@link #checkpointInterval()}. */
  public int getCheckpointInterval() {
    return (int) getOrDefault(checkpointInterval);
  }

  /** Sets {@link #checkpointInterval()}. */
  public E setCheckpointInterval(int value) {
    set(checkpointInterval, value);
    return self();
  }

  /** The param {@code checkpointPath}. */
  public Param<String> checkpointPath() {
    return checkpointPath;
  }

  /** The value of {@link #checkpointPath()}. */
  public String getCheckpointPath() {
    return getOrDefault(checkpointPath);
  }

  /** Sets {@link #checkpointPath()}. */
  public E setCheckpointPath(String value) {
    set(checkpointPath, value);
    return self();
  }

  /** The param {@code seed}. */
  public LongParam seed() {
    return seed;
  }

  /** The value of {@link #seed()}. */
  public long getSeed() {
    return (long) getOrDefault(seed);
  }

  /** Sets {@link #seed()}. */
  public E setSeed(long value) {
    set(seed, value);
    return self();
  }
}
