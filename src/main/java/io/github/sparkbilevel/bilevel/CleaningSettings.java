package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.problem.BilevelProblem;
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
 * @param seed of the folds
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
    long seed) {

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
    CLEANED
  }
}
