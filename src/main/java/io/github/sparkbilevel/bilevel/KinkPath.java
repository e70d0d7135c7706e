package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.problem.Kinks;
import io.github.sparkbilevel.problem.oracle.BilevelOracle;
import io.github.sparkbilevel.problem.oracle.Evaluation;
import io.github.sparkbilevel.problem.oracle.LowerObjective;

/**
 * A start for a lower level with kinks: models of ever weaker penalties, each roughly solved for
 * from the one before. Working sets stay as small as the models are; from θ = 0 under a weak
 * penalty nearly all coefficients would move at once, most of them back again.
 */
final class KinkPath {
  /** By which the penalties fall. */
  private static final double STEP = 3;

  /** How far from a solution a model may be, of the widest kink. */
  private static final double ROUGH = 0.1;

  private static final int MOST_PASSES = 200;

  private KinkPath() {}

  /** A θ near the solution at a λ. */
  static double[] start(BilevelOracle oracle, NewtonSystem system, double[] lambda) {
    LowerObjective<Evaluation> last = oracle.lower(null, lambda);
    Evaluation point = last.at(oracle.start(), system.due());
    Kinks kinks = last.kinks().orElseThrow();
    double excess = kinks.excess(point.theta(), point.smoothGradient());
    if (!Double.isFinite(excess)) {
      point.release();
      return point.theta();
    }
    double scale = ROUGH * Vectors.normInf(point.smoothGradient()) / excess;
    for (double factor = excess / STEP; factor > 1; factor /= STEP) {
      double[] wider = oracle.problem().widened(lambda, factor);
      Evaluation from = oracle.underPenalty(point, wider);
      Evaluation next =
          new LowerSolver(0, factor * scale, MOST_PASSES)
              .minimize(oracle.lower(null, wider), from, 0, system)
              .point();
      if (next != from) {
        point.release();
        point = next;
      }
    }
    point.release();
    return point.theta();
  }
}
