package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.problem.LowerObjective;
import io.github.sparkbilevel.solve.ConjugateGradient;
import io.github.sparkbilevel.solve.Status;

/**
 * Inexact Newton for the lower level alone, safeguarded by halving the step.
 *
 * <p>Each step solves H v = ∇G to a relative residual of min(½, √(‖∇G‖ / ‖∇G_0‖)) (Eisenstat and
 * Walker's superlinear choice) and takes the first of θ − v, θ − v/2, … that lowers G enough. Cost:
 * 1 pass for each trial point, 1 for each Hessian product.
 *
 * @param relativeTolerance done when ‖∇G‖∞ ≤ relativeTolerance · ‖∇G‖∞ at the start
 * @param absoluteTolerance or when ‖∇G‖∞ ≤ absoluteTolerance
 * @param maxPasses the most passes, evaluations and products together
 */
record LowerSolver(double relativeTolerance, double absoluteTolerance, int maxPasses) {
  private static final double ARMIJO = 1e-4;
  private static final int MOST_HALVINGS = 20;
  private static final int MOST_PRODUCTS = 250;

  /**
   * The outcome.
   *
   * @param point the last accepted point; the caller releases it
   */
  record Result<P extends LowerObjective.Point>(P point, Status status, int passes) {}

  <P extends LowerObjective.Point> Result<P> minimize(
      LowerObjective<P> objective, double[] start, NewtonSystem system) {
    P point = objective.at(start, system.due());
    int passes = 1;
    double first = Vectors.normInf(point.gradient());
    if (!Double.isFinite(point.value()) || !Double.isFinite(first)) {
      return new Result<>(point, Status.NOT_FINITE, passes);
    }
    double target = Math.max(absoluteTolerance, relativeTolerance * first);
    Status status = Status.BUDGET_SPENT;
    while (passes < maxPasses) {
      double norm = Vectors.normInf(point.gradient());
      if (norm <= target) {
        status = Status.CONVERGED;
        break;
      }
      double forcing = Math.min(0.5, Math.max(Math.sqrt(norm / first), 1e-10));
      int products = Math.max(1, Math.min(MOST_PRODUCTS, maxPasses - passes - 1));
      ConjugateGradient cg = new ConjugateGradient(products, forcing);
      var solution = system.solve(objective, point, new double[][] {point.gradient()}, cg);
      passes += solution.products();
      double[] v = solution.columns()[0];
      double slope = Vectors.dot(point.gradient(), v);
      if (!(slope > 0)) {
        status = solution.status().isUsable() ? Status.STALLED : solution.status();
        break;
      }
      P next = null;
      double length = 1;
      for (int halving = 0; halving < MOST_HALVINGS && passes < maxPasses; halving++) {
        P trial = objective.at(Vectors.plus(point.theta(), -length, v), system.due());
        passes++;
        if (accepts(point, trial, length * slope)) {
          next = trial;
          break;
        }
        trial.release();
        if (length * slope <= resolution(point)) {
          // Below the resolution of G a shorter step tells nothing that this one did not.
          break;
        }
        length /= 2;
      }
      if (next == null) {
        status = passes < maxPasses ? Status.STALLED : Status.BUDGET_SPENT;
        break;
      }
      point.release();
      point = next;
    }
    if (Vectors.normInf(point.gradient()) <= target) {
      status = Status.CONVERGED;
    }
    return new Result<>(point, status, passes);
  }

  private static double resolution(LowerObjective.Point point) {
    return 1e-13 * Math.abs(point.value());
  }

  /** Armijo's rule; once G no longer resolves the decrease, a smaller gradient counts instead. */
  private static boolean accepts(
      LowerObjective.Point from, LowerObjective.Point to, double decrease) {
    double resolution = resolution(from);
    if (decrease > resolution) {
      return to.value() <= from.value() - ARMIJO * decrease;
    }
    return to.value() <= from.value() + 10 * resolution
        && Vectors.norm(to.gradient()) < Vectors.norm(from.gradient());
  }
}
