package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.bilevel.CleaningSettings.Networks;
import io.github.sparkbilevel.curvature.KroneckerEigen;
import io.github.sparkbilevel.curvature.KroneckerSettings;
import io.github.sparkbilevel.model.Activation;
import io.github.sparkbilevel.model.Fisher;
import io.github.sparkbilevel.problem.Training;
import io.github.sparkbilevel.problem.Training.Optimizer;
import io.github.sparkbilevel.settings.Stage;
import java.util.Arrays;
import java.util.Locale;
import org.apache.spark.ml.Model;

/**
 * The params of estimators whose lower level may be a network of dense layers.
 *
 * @param <M> the model
 * @param <E> the estimator itself, which its setters return
 */
public abstract class NetworkParams<M extends Model<M>, E extends NetworkParams<M, E>>
    extends BilevelParams<M, E> {
  private static final long serialVersionUID = 1L;

  NetworkParams(String uid, Stage stage) {
    super(uid, stage);
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

  /** The value of {@code hiddenLayers}. */
  public int[] getHiddenLayers() {
    return value("hiddenLayers");
  }

  /** Sets {@code hiddenLayers}. */
  public E setHiddenLayers(int[] value) {
    return with("hiddenLayers", value);
  }

  /** The value of {@code activation}. */
  public String getActivation() {
    return value("activation");
  }

  /** Sets {@code activation}. */
  public E setActivation(String value) {
    return with("activation", value);
  }

  /** The value of {@code optimizer}. */
  public String getOptimizer() {
    return value("optimizer");
  }

  /** Sets {@code optimizer}. */
  public E setOptimizer(String value) {
    return with("optimizer", value);
  }

  /** The value of {@code learningRate}. */
  public double getLearningRate() {
    return value("learningRate");
  }

  /** Sets {@code learningRate}. */
  public E setLearningRate(double value) {
    return with("learningRate", value);
  }

  /** The value of {@code batchSize}. */
  public int getBatchSize() {
    return value("batchSize");
  }

  /** Sets {@code batchSize}. */
  public E setBatchSize(int value) {
    return with("batchSize", value);
  }

  /** The value of {@code warmupEpochs}. */
  public int getWarmupEpochs() {
    return value("warmupEpochs");
  }

  /** Sets {@code warmupEpochs}. */
  public E setWarmupEpochs(int value) {
    return with("warmupEpochs", value);
  }

  /** The value of {@code epochs}. */
  public int getEpochs() {
    return value("epochs");
  }

  /** Sets {@code epochs}. */
  public E setEpochs(int value) {
    return with("epochs", value);
  }

  /** The value of {@code plainEpochs}. */
  public int getPlainEpochs() {
    return value("plainEpochs");
  }

  /** Sets {@code plainEpochs}. */
  public E setPlainEpochs(int value) {
    return with("plainEpochs", value);
  }

  /** The value of {@code fisher}. */
  public String getFisher() {
    return value("fisher");
  }

  /** Sets {@code fisher}. */
  public E setFisher(String value) {
    return with("fisher", value);
  }

  /** The value of {@code fisherSamples}. */
  public int getFisherSamples() {
    return value("fisherSamples");
  }

  /** Sets {@code fisherSamples}. */
  public E setFisherSamples(int value) {
    return with("fisherSamples", value);
  }

  /** The value of {@code factorDecay}. */
  public double getFactorDecay() {
    return value("factorDecay");
  }

  /** Sets {@code factorDecay}. */
  public E setFactorDecay(double value) {
    return with("factorDecay", value);
  }

  /** The value of {@code factorDamping}. */
  public String getFactorDamping() {
    return value("factorDamping");
  }

  /** Sets {@code factorDamping}. */
  public E setFactorDamping(String value) {
    return with("factorDamping", value);
  }

  /** The value of {@code factorRefresh}. */
  public int getFactorRefresh() {
    return value("factorRefresh");
  }

  /** Sets {@code factorRefresh}. */
  public E setFactorRefresh(int value) {
    return with("factorRefresh", value);
  }
}
