package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.problem.BilevelProblem;

/**
 * What a tuning run does.
 *
 * @param problem the objectives; λ tunes a penalty at least
 * @param initialLambda the driver's λ at the start
 * @param low the least value of each entry of the driver's λ
 * @param high the greatest value of each
 * @param algorithm how λ moves
 * @param tolerance the run ends when Φ has fallen by less than this share of itself over {@code
 *     nbo.patience()} iterations
 * @param sketchColumns columns of the sketch of {@code nystrom-cg}
 * @param step length of λ's first steps by NBO
 * @param nbo curvature, damping, iterations, patience and what else NBO needs
 * @param warmUp how far the lower level is solved before NBO begins
 * @param backend name of the dense backend, or {@code auto}
 */
public record TuningSettings(
    BilevelProblem problem,
    double[] initialLambda,
    double[] low,
    double[] high,
    Algorithm algorithm,
    double tolerance,
    int sketchColumns,
    double step,
    NboSettings nbo,
    CleaningSettings.WarmUp warmUp,
    String backend) {

  /** How λ moves. */
  public enum Algorithm {
    /** Projected L-BFGS on a hypergradient at the solved lower level. */
    LBFGS,
    /** θ moves along with λ: NBO, or the algorithm of {@link NboSettings#field}. */
    NBO
  }
}
