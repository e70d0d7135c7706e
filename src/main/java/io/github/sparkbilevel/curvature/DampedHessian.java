package io.github.sparkbilevel.curvature;

import io.github.sparkbilevel.linalg.LinearOperator;
import io.github.sparkbilevel.linalg.NormCurvature;
import io.github.sparkbilevel.linalg.Support;
import io.github.sparkbilevel.problem.oracle.LowerObjective;
import java.util.Optional;

/**
 * H + δI of the lower objective at a point, or some rows and columns of it.
 *
 * @param objective knows the penalty's part of H
 * @param point knows the data's part of H
 * @param damping δ ≥ 0
 * @param support the rows and columns; solutions and right-hand sides are 0 elsewhere
 */
public record DampedHessian(
    LowerObjective<?> objective, LowerObjective.Point point, double damping, Support support) {

  int size() {
    return objective.size();
  }

  /** H + δI as an operator: each product costs 1 pass. */
  LinearOperator operator() {
    LinearOperator whole = wholeOperator();
    return support.of(curvature().map(curvature -> curvature.plus(whole)).orElse(whole));
  }

  /** What H has beside {@link #wholeOperator}; empty where that is all. */
  Optional<NormCurvature> curvature() {
    return objective.curvature(point);
  }

  /** With all rows and columns, for what outlives the support and the point. */
  LinearOperator wholeOperator() {
    return point.hessian(damping);
  }

  /** Whether coefficients take part that are still 0; at a solution none does. */
  boolean isOnTheWay() {
    return objective
        .kinks()
        .map(kinks -> kinks.support(point.theta()).count() < support.count())
        .orElse(false);
  }

  /** The penalty's part of the diagonal of H. */
  double[] penalty() {
    return objective.penaltyDiagonal();
  }
}
