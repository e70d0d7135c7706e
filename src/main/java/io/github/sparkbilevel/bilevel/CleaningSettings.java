package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.training.Training;
import java.util.Set;

/**
 * What a cleaning run does.
 *
 * @param problem the objectives
 * @param l2 the penalty of the plain models that the result is compared with
 * @param initialLambda the driver's part of λ at the start
 * @param nbo the outer loop
 * @param step length of the first steps of the driver's λ
 * @param low the least entry of the driver's λ
 * @param high the greatest entry of the driver's λ
 * @param warmUp how the lower level is fitted before λ moves
 * @param baselines which plain models to fit
 * @param backend name of the dense backend, or {@code auto}
 * @param sparse whether the features are sparse
 * @param seed of the folds, and of the first weights of networks
 * @param networks how networks are trained; null for linear models
 */
public record CleaningSettings(
    BilevelProblem problem,
    double l2,
    double[] initialLambda,
    NboSettings nbo,
    double step,
    double low,
    double high,
    WarmUp warmUp,
    Set<Baseline> baselines,
    String backend,
    boolean sparse,
    long seed,
    Networks networks) {

  /** For linear models. */
  public CleaningSettings(
      BilevelProblem problem,
      double l2,
      double[] initialLambda,
      NboSettings nbo,
      double step,
      double low,
      double high,
      WarmUp warmUp,
      Set<Baseline> baselines,
      String backend,
      boolean sparse,
      long seed) {
    this(
        problem,
        l2,
        initialLambda,
        nbo,
        step,
        low,
        high,
        warmUp,
        baselines,
        backend,
        sparse,
        seed,
        null);
  }

  /** The same for a network. */
  public CleaningSettings with(Networks newNetworks) {
    return new CleaningSettings(
        problem,
        l2,
        initialLambda,
        nbo,
        step,
        low,
        high,
        warmUp,
        baselines,
        backend,
        sparse,
        seed,
        newNetworks);
  }

  /** The most plain models that are fitted together. */
  public int mostFits() {
    int ofFeatures = nbo.rotation() == null ? 0 : nbo.rotation().folds() + 1;
    return Math.max(ofFeatures, Candidates.mostFits(baselines));
  }

  /**
   * Stochastic training of networks, where linear models are solved for.
   *
   * @param warmUp before λ moves
   * @param plain of the models of trusted rows, of baselines and of refits
   */
  public record Networks(Training warmUp, Training plain) {

    /**
     * In each of the three rounds of the polish: half the passes of a plain model. Rows are drawn
     * by their weights, so that a pass takes about half the steps that it takes in a plain model.
     */
    Training polish() {
      return plain.passes((plain.passes() + 1) / 2);
    }
  }

  /**
   * The warm-up.
   *
   * @param tolerance done when ‖∇G‖∞ has fallen by this factor
   * @param maxPasses the most passes
   */
  public record WarmUp(double tolerance, int maxPasses) {}

  /** A plain model. */
  public enum Baseline {
    /** Fitted on all training rows. */
    NOISY,
    /** Fitted on the trusted rows alone. */
    TRUSTED,
    /** Out-of-sample probabilities of the training rows; no trusted rows. */
    CONFIDENT_LEARNING,
    /** Fitted on the rows that the cleaned model keeps, and the trusted rows. */
    CLEANED,
    /**
     * Fitted on the rows whose label is known to be right, and the trusted rows: what the best of
     * judges would reach. It is never selected.
     */
    ORACLE
  }
}
