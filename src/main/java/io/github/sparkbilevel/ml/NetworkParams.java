package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.bilevel.CleaningSettings.Networks;
import io.github.sparkbilevel.curvature.KroneckerEigen;
import io.github.sparkbilevel.curvature.KroneckerSettings;
import io.github.sparkbilevel.ml.prepare.LowerLevel;
import io.github.sparkbilevel.ml.prepare.WeightsFile;
import io.github.sparkbilevel.model.Factors;
import io.github.sparkbilevel.model.Fisher;
import io.github.sparkbilevel.model.Layers;
import io.github.sparkbilevel.model.Sharing;
import io.github.sparkbilevel.problem.training.Augmentation;
import io.github.sparkbilevel.problem.training.Training;
import io.github.sparkbilevel.problem.training.Training.Optimizer;
import io.github.sparkbilevel.problem.training.Training.Rule;
import io.github.sparkbilevel.settings.Keys;
import io.github.sparkbilevel.settings.ProblemSettings;
import io.github.sparkbilevel.settings.Stage;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.ml.Model;

/**
 * The params of estimators whose lower level may be a network.
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
  public LowerLevel.Layered layers(boolean exactHessian) {
    if (!isNetwork()) {
      return null;
    }
    List<Map<String, Object>> form =
        value("family").equals(Keys.MLP)
            ? Layers.dense(Arrays.stream(getHiddenLayers()).boxed().toList(), getActivation())
            : ProblemSettings.form(
                Arrays.stream(getShape()).boxed().toList(), getPreset(), getLayers());
    return new LowerLevel.Layered(
        form,
        exactHessian,
        new Factors(
            switch (getFisher()) {
              case "monte-carlo" -> new Fisher.MonteCarlo(getFisherSamples(), getSeed());
              case "empirical" -> new Fisher.Empirical();
              default -> new Fisher.Exact();
            },
            Sharing.of(getFactorSharing())),
        new WeightsFile(
            inUse(ProblemSettings.WEIGHTS),
            ProblemSettings.tensorNames(getWeightNames()),
            getFrozenLayers()));
  }

  /** How Kronecker factors are used. */
  public KroneckerSettings factors() {
    return new KroneckerSettings(
        getFactorDecay(),
        KroneckerEigen.Damping.valueOf(
            getFactorDamping().toUpperCase(Locale.ROOT).replace('-', '_')));
  }

  /** How networks are trained in an iteration; null for Newton steps. */
  Training iterationTraining(Augmentation moves) {
    return isNetwork() && getEpochs() > 0 ? training(getEpochs(), false).augmentedBy(moves) : null;
  }

  /** How networks are trained otherwise; null for linear models. */
  Networks networks(Augmentation moves) {
    if (!isNetwork()) {
      return null;
    }
    return new Networks(
        training(getWarmupEpochs(), false).augmentedBy(moves),
        training(getPlainEpochs(), true).augmentedBy(moves));
  }

  /** The same where rows stay as they are. */
  public Networks networks() {
    return networks(Augmentation.NONE);
  }

  private Training training(int passes, boolean annealed) {
    Optimizer optimizer = Optimizer.valueOf(getOptimizer().toUpperCase(Locale.ROOT));
    return new Training(
        Rule.of(optimizer, getLearningRate(), getBatchSize()), passes, annealed, getSeed());
  }

  public String getLayers() {
    return value("layers");
  }

  /** Sets the layers of a network in JSON, as {@code [{dense: 64}, {activation: 'tanh'}]}. */
  public E setLayers(String value) {
    return with("layers", value);
  }

  public String getPreset() {
    return value("preset");
  }

  /** Sets the layers of a network by name, as {@code lenet}, in place of their list. */
  public E setPreset(String value) {
    return with("preset", value);
  }

  public int[] getShape() {
    return value("shape");
  }

  /** Sets what the features of a row are: as {@code 28, 28, 1} of an image. */
  public E setShape(int... value) {
    return with("shape", value);
  }

  public String getWeightsPath() {
    return value("weightsPath");
  }

  /** Sets the file of weights that a network starts from; empty for none. */
  public E setWeightsPath(String value) {
    return with("weightsPath", value);
  }

  public String getWeightNames() {
    return value("weightNames");
  }

  /** Sets what tensors of layers are called in that file, in JSON, as {@code {layer1: 'conv1'}}. */
  public E setWeightNames(String value) {
    return with("weightNames", value);
  }

  public int getFrozenLayers() {
    return value("frozenLayers");
  }

  /** Sets how many of the first layers stay as they are in that file. */
  public E setFrozenLayers(int value) {
    return with("frozenLayers", value);
  }

  public int[] getHiddenLayers() {
    return value("hiddenLayers");
  }

  public E setHiddenLayers(int[] value) {
    return with("hiddenLayers", value);
  }

  public String getActivation() {
    return value("activation");
  }

  public E setActivation(String value) {
    return with("activation", value);
  }

  public String getOptimizer() {
    return value("optimizer");
  }

  public E setOptimizer(String value) {
    return with("optimizer", value);
  }

  public double getLearningRate() {
    return value("learningRate");
  }

  public E setLearningRate(double value) {
    return with("learningRate", value);
  }

  public int getBatchSize() {
    return value("batchSize");
  }

  public E setBatchSize(int value) {
    return with("batchSize", value);
  }

  public int getWarmupEpochs() {
    return value("warmupEpochs");
  }

  public E setWarmupEpochs(int value) {
    return with("warmupEpochs", value);
  }

  public int getEpochs() {
    return value("epochs");
  }

  public E setEpochs(int value) {
    return with("epochs", value);
  }

  public int getImageShift() {
    return value("imageShift");
  }

  /** Sets the most pixels that training pictures move before a step. */
  public E setImageShift(int value) {
    return with("imageShift", value);
  }

  public boolean getImageFlip() {
    return value("imageFlip");
  }

  /** Sets whether training pictures are mirrored before a step, one of two. */
  public E setImageFlip(boolean value) {
    return with("imageFlip", value);
  }

  public int getPlainEpochs() {
    return value("plainEpochs");
  }

  public E setPlainEpochs(int value) {
    return with("plainEpochs", value);
  }

  public String getFisher() {
    return value("fisher");
  }

  public E setFisher(String value) {
    return with("fisher", value);
  }

  public int getFisherSamples() {
    return value("fisherSamples");
  }

  public E setFisherSamples(int value) {
    return with("fisherSamples", value);
  }

  public String getFactorSharing() {
    return value("factorSharing");
  }

  public E setFactorSharing(String value) {
    return with("factorSharing", value);
  }

  public double getFactorDecay() {
    return value("factorDecay");
  }

  public E setFactorDecay(double value) {
    return with("factorDecay", value);
  }

  public String getFactorDamping() {
    return value("factorDamping");
  }

  public E setFactorDamping(String value) {
    return with("factorDamping", value);
  }

  public int getFactorRefresh() {
    return value("factorRefresh");
  }

  public E setFactorRefresh(int value) {
    return with("factorRefresh", value);
  }
}
