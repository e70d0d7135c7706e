package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.bilevel.CleaningSettings.Networks;
import io.github.sparkbilevel.curvature.KroneckerEigen;
import io.github.sparkbilevel.curvature.KroneckerSettings;
import io.github.sparkbilevel.model.Activation;
import io.github.sparkbilevel.model.Fisher;
import io.github.sparkbilevel.problem.Training;
import io.github.sparkbilevel.problem.Training.Optimizer;
import java.util.Arrays;
import java.util.Locale;
import org.apache.spark.ml.Model;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntArrayParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;

/**
 * The params of estimators whose lower level may be a network of dense layers.
 *
 * @param <M> the model
 * @param <E> the estimator itself, which its setters return
 */
public abstract class NetworkParams<M extends Model<M>, E extends NetworkParams<M, E>>
    extends BilevelParams<M, E> {
  private static final long serialVersionUID = 1L;

  /** T of networks, unless it is set. */
  public static final int PRODUCTS = 5;

  /** δ of networks, likewise. */
  public static final double DAMPING = 1e-2;

  /** Iterations between two computations of the Kronecker factors of networks, likewise. */
  public static final int FACTOR_REFRESH = 5;

  /** The same for linear models. */
  public static final int LINEAR_FACTOR_REFRESH = 20;

  private final IntArrayParam hiddenLayers =
      new IntArrayParam(
          this,
          "hiddenLayers",
          "of a network, the widths of the hidden layers, from the first on (each >= 1); none is a linear model",
          Ranges.widths());
  private final Param<String> activation =
      new Param<>(
          this,
          "activation",
          "of the hidden layers of a network: relu, tanh, gelu or identity",
          Ranges.oneOf("relu", "tanh", "gelu", "identity"));
  private final Param<String> optimizer =
      new Param<>(
          this,
          "optimizer",
          "how networks are trained by stochastic gradients: adam or momentum",
          Ranges.oneOf("adam", "momentum"));
  private final DoubleParam learningRate =
      new DoubleParam(
          this,
          "learningRate",
          "length of the first steps of the training of networks (> 0)",
          Ranges.above(0));
  private final IntParam batchSize =
      new IntParam(
          this,
          "batchSize",
          "rows of a batch in the training of networks (>= 1)",
          Ranges.atLeast(1));
  private final IntParam warmupEpochs =
      new IntParam(
          this,
          "warmupEpochs",
          "passes that train a network before lambda moves (>= 1)",
          Ranges.atLeast(1));
  private final IntParam epochs =
      new IntParam(
          this,
          "epochs",
          "passes that train a network in each iteration; 0 takes Newton steps instead (>= 0)",
          Ranges.atLeast(0));
  private final IntParam plainEpochs =
      new IntParam(
          this,
          "plainEpochs",
          "passes that train the networks of the trusted rows, of baselines and of refits; half of them in each of three rounds of the polish (>= 1)",
          Ranges.atLeast(1));
  private final Param<String> fisher =
      new Param<>(
          this,
          "fisher",
          "whose gradients make the Kronecker factors of a network: exact, monte-carlo for labels drawn from the model, or empirical for the labels as they are",
          Ranges.oneOf("exact", "monte-carlo", "empirical"));
  private final IntParam fisherSamples =
      new IntParam(
          this,
          "fisherSamples",
          "labels drawn for each row with fisher = monte-carlo (>= 1)",
          Ranges.atLeast(1));
  private final DoubleParam factorDecay =
      new DoubleParam(
          this,
          "factorDecay",
          "share of the old Kronecker factors of a network that stays in their average at a refresh (in [0, 1))",
          Ranges.shareBelowOne());
  private final Param<String> factorDamping =
      new Param<>(
          this,
          "factorDamping",
          "how penalty and damping get between the Kronecker factors of a network: exact in their eigenbases, or split per-factor",
          Ranges.oneOf("exact", "per-factor"));
  private final IntParam factorRefresh =
      new IntParam(
          this,
          "factorRefresh",
          "iterations between two computations of the Kronecker factors (>= 1); 5 for networks unless it is set",
          Ranges.atLeast(1));

  /** Takes the uid and sets the defaults. */
  NetworkParams(String uid) {
    super(uid);
    setDefault(hiddenLayers, new int[] {256});
    setDefault(activation, "relu");
    setDefault(optimizer, "adam");
    setDefault(learningRate, 1e-3);
    setDefault(batchSize, 128);
    setDefault(warmupEpochs, 3);
    setDefault(epochs, 1);
    setDefault(plainEpochs, 15);
    setDefault(fisher, "exact");
    setDefault(fisherSamples, 1);
    setDefault(factorDecay, 0.0);
    setDefault(factorDamping, "exact");
    setDefault(factorRefresh, LINEAR_FACTOR_REFRESH);
  }

  @Override
  public String[] curvatures() {
    return new String[] {
      "auto",
      "exact",
      "kfac-cg",
      "sampled-cg",
      "ekfac-cg",
      "kfac",
      "nystrom-cg",
      "jacobi-cg",
      "cg",
      "neumann",
      "identity"
    };
  }

  /** Whether the lower level is a network. */
  abstract boolean isNetwork();

  /** T: networks want more products than one layer does. */
  @Override
  int productsInUse() {
    return isNetwork() && !isSet(products()) ? PRODUCTS : super.productsInUse();
  }

  /** δ: of what a network leaves flat the batches do not tell. */
  @Override
  double dampingInUse() {
    return isNetwork() && !isSet(damping()) ? DAMPING : super.dampingInUse();
  }

  int factorRefreshInUse() {
    return isNetwork() && !isSet(factorRefresh) ? FACTOR_REFRESH : getFactorRefresh();
  }

  /**
   * The layers, or null for a linear model.
   *
   * @param exactHessian whether H is the Hessian and not the Gauss-Newton matrix
   */
  public LowerLevel.Network network(boolean exactHessian) {
    if (!isNetwork()) {
      return null;
    }
    return new LowerLevel.Network(
        Arrays.stream(getHiddenLayers()).boxed().toList(),
        Activation.valueOf(getActivation().toUpperCase(Locale.ROOT)),
        exactHessian,
        switch (getFisher()) {
          case "monte-carlo" -> new Fisher.MonteCarlo(getFisherSamples(), getSeed());
          case "empirical" -> new Fisher.Empirical();
          default -> new Fisher.Exact();
        });
  }

  /** How Kronecker factors are used. */
  public KroneckerSettings factors() {
    return new KroneckerSettings(
        getFactorDecay(),
        KroneckerEigen.Damping.valueOf(
            getFactorDamping().toUpperCase(Locale.ROOT).replace('-', '_')));
  }

  /** How networks are trained in an iteration; null for Newton steps. */
  Training iterationTraining() {
    return isNetwork() && getEpochs() > 0 ? training(getEpochs(), false) : null;
  }

  /** How networks are trained otherwise; null for linear models. */
  public Networks networks() {
    if (!isNetwork()) {
      return null;
    }
    return new Networks(training(getWarmupEpochs(), false), training(getPlainEpochs(), true));
  }

  private Training training(int passes, boolean annealed) {
    Training usual = Training.adam(passes, getSeed());
    return new Training(
        Optimizer.valueOf(getOptimizer().toUpperCase(Locale.ROOT)),
        getLearningRate(),
        getBatchSize(),
        passes,
        usual.leastSteps(),
        annealed,
        getSeed());
  }

  /** The param {@code hiddenLayers}. */
  public IntArrayParam hiddenLayers() {
    return hiddenLayers;
  }

  /** The value of {@link #hiddenLayers()}. */
  public int[] getHiddenLayers() {
    return getOrDefault(hiddenLayers).clone();
  }

  /** Sets {@link #hiddenLayers()}. */
  public E setHiddenLayers(int[] value) {
    set(hiddenLayers, value);
    return self();
  }

  /** The param {@code activation}. */
  public Param<String> activation() {
    return activation;
  }

  /** The value of {@link #activation()}. */
  public String getActivation() {
    return getOrDefault(activation);
  }

  /** Sets {@link #activation()}. */
  public E setActivation(String value) {
    set(activation, value);
    return self();
  }

  /** The param {@code optimizer}. */
  public Param<String> optimizer() {
    return optimizer;
  }

  /** The value of {@link #optimizer()}. */
  public String getOptimizer() {
    return getOrDefault(optimizer);
  }

  /** Sets {@link #optimizer()}. */
  public E setOptimizer(String value) {
    set(optimizer, value);
    return self();
  }

  /** The param {@code learningRate}. */
  public DoubleParam learningRate() {
    return learningRate;
  }

  /** The value of {@link #learningRate()}. */
  public double getLearningRate() {
    return (double) getOrDefault(learningRate);
  }

  /** Sets {@link #learningRate()}. */
  public E setLearningRate(double value) {
    set(learningRate, value);
    return self();
  }

  /** The param {@code batchSize}. */
  public IntParam batchSize() {
    return batchSize;
  }

  /** The value of {@link #batchSize()}. */
  public int getBatchSize() {
    return (int) getOrDefault(batchSize);
  }

  /** Sets {@link #batchSize()}. */
  public E setBatchSize(int value) {
    set(batchSize, value);
    return self();
  }

  /** The param {@code warmupEpochs}. */
  public IntParam warmupEpochs() {
    return warmupEpochs;
  }

  /** The value of {@link #warmupEpochs()}. */
  public int getWarmupEpochs() {
    return (int) getOrDefault(warmupEpochs);
  }

  /** Sets {@link #warmupEpochs()}. */
  public E setWarmupEpochs(int value) {
    set(warmupEpochs, value);
    return self();
  }

  /** The param {@code epochs}. */
  public IntParam epochs() {
    return epochs;
  }

  /** The value of {@link #epochs()}. */
  public int getEpochs() {
    return (int) getOrDefault(epochs);
  }

  /** Sets {@link #epochs()}. */
  public E setEpochs(int value) {
    set(epochs, value);
    return self();
  }

  /** The param {@code plainEpochs}. */
  public IntParam plainEpochs() {
    return plainEpochs;
  }

  /** The value of {@link #plainEpochs()}. */
  public int getPlainEpochs() {
    return (int) getOrDefault(plainEpochs);
  }

  /** Sets {@link #plainEpochs()}. */
  public E setPlainEpochs(int value) {
    set(plainEpochs, value);
    return self();
  }

  /** The param {@code fisher}. */
  public Param<String> fisher() {
    return fisher;
  }

  /** The value of {@link #fisher()}. */
  public String getFisher() {
    return getOrDefault(fisher);
  }

  /** Sets {@link #fisher()}. */
  public E setFisher(String value) {
    set(fisher, value);
    return self();
  }

  /** The param {@code fisherSamples}. */
  public IntParam fisherSamples() {
    return fisherSamples;
  }

  /** The value of {@link #fisherSamples()}. */
  public int getFisherSamples() {
    return (int) getOrDefault(fisherSamples);
  }

  /** Sets {@link #fisherSamples()}. */
  public E setFisherSamples(int value) {
    set(fisherSamples, value);
    return self();
  }

  /** The param {@code factorDecay}. */
  public DoubleParam factorDecay() {
    return factorDecay;
  }

  /** The value of {@link #factorDecay()}. */
  public double getFactorDecay() {
    return (double) getOrDefault(factorDecay);
  }

  /** Sets {@link #factorDecay()}. */
  public E setFactorDecay(double value) {
    set(factorDecay, value);
    return self();
  }

  /** The param {@code factorDamping}. */
  public Param<String> factorDamping() {
    return factorDamping;
  }

  /** The value of {@link #factorDamping()}. */
  public String getFactorDamping() {
    return getOrDefault(factorDamping);
  }

  /** Sets {@link #factorDamping()}. */
  public E setFactorDamping(String value) {
    set(factorDamping, value);
    return self();
  }

  /** The param {@code factorRefresh}. */
  public IntParam factorRefresh() {
    return factorRefresh;
  }

  /** The value of {@link #factorRefresh()}. */
  public int getFactorRefresh() {
    return (int) getOrDefault(factorRefresh);
  }

  /** Sets {@link #factorRefresh()}. */
  public E setFactorRefresh(int value) {
    set(factorRefresh, value);
    return self();
  }
}
