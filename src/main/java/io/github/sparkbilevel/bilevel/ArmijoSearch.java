package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.solve.Status;

/**
 * A line search for Φ within bounds: the first of the steps 1, … along a direction, shortened by
 * interpolation, that lowers Φ enough.
 *
 * @param objective Φ
 * @param rule knows the bounds
 * @param smallest a decrease of less than this share of Φ cannot be told from none
 */
record ArmijoSearch(UpperObjective objective, ProjectedLbfgs rule, double smallest) {
  private static final int MOST_TRIALS = 12;
  private static final double ARMIJO = 1e-4;
  private static final double LEAST_SHRINKAGE = 0.5;
  private static final double MOST_SHRINKAGE = 0.1;

  /**
   * Where the search ended.
   *
   * @param point null when no step lowered Φ
   * @param length of the step
   * @param products Hessian products of all trials
   */
  record Found(UpperPoint point, double length, int products, Status status) {}

  /**
   * Searches; does not release {@code from}.
   *
   * @param d the direction
   * @param accuracy of the evaluations
   * @param mostTrials evaluations that are left
   */
  Found along(UpperPoint from, double[] d, double accuracy, int mostTrials) {
    double length = 1;
    int products = 0;
    for (int trial = 0; trial < Math.min(MOST_TRIALS, mostTrials); trial++) {
      double[] lambda = rule.project(Vectors.plus(from.lambda(), length, d));
      double slope = Vectors.dot(from.hypergradient(), Vectors.plus(lambda, -1, from.lambda()));
      UpperPoint next = objective.at(lambda, from, accuracy);
      products += next.products();
      double rise = next.value() - from.value();
      boolean known =
          Double.isFinite(rise) && Vectors.isFinite(next.hypergradient()) && next.isSolved();
      // The errors of both values may hide a decrease, but only a lower value is taken.
      if (known && rise < 0 && rise <= ARMIJO * slope + from.error() + next.error()) {
        return new Found(next, length, products, Status.BUDGET_SPENT);
      }
      next.release();
      // A shorter step promises less than the errors, or than can be told from nothing.
      if (-slope <= Math.max(smallest * Math.abs(from.value()), from.error() + next.error())) {
        break;
      }
      double best = known && rise > slope ? -slope / (2 * (rise - slope)) : MOST_SHRINKAGE;
      length *= Math.max(MOST_SHRINKAGE, Math.min(LEAST_SHRINKAGE, best));
    }
    return new Found(null, 0, products, Status.STALLED);
  }
}
