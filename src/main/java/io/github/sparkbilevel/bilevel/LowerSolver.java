package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.problem.oracle.LowerObjective;
import io.github.sparkbilevel.solve.Status;

/**
 * Inexact Newton for the lower level alone, safeguarded by halving the step.
 *
 * <p>Each {@link LowerStep} solves H v = ∇G to a relative residual of min(½, √(‖∇G‖ / ‖∇G_0‖))
 * (Eisenstat and Walker's superlinear choice) and takes the first of θ − v, θ − v/2, … that lowers
 * G enough. Far from the solution, where the whole step may fail, the pass that tries it brings G
 * at the shorter ones as well: outputs are linear in the step. Cost: 1 pass for each trial point, 1
 * for each Hessian product. Where G is not convex, {@link TrustRegion} takes over.
 *
 * @param relativeTolerance done when ‖∇G‖∞ ≤ relativeTolerance · ‖∇G‖∞ at the start
 * @param absoluteTolerance or when ‖∇G‖∞ ≤ absoluteTolerance
 * @param maxPasses the most passes, evaluations and products together
 */
record LowerSolver(double relativeTolerance, double absoluteTolerance, int maxPasses) {
  private static final double ARMIJO = 1e-4;
  private static final int MOST_HALVINGS = 20;
  private static final int MOST_PRODUCTS = 250;

  /** A step that promises to lower G by more than this share of it is far from the solution. */
  private static final double FAR = 0.1;

  /**
   * The outcome.
   *
   * @param point the last accepted point; the caller releases it
   * @param passes evaluations and products
   * @param products products alone
   */
  record Result<P extends LowerObjective.Point>(P point, Status status, int passes, int products) {}

  <P extends LowerObjective.Point> Result<P> minimize(
      LowerObjective<P> objective, double[] start, NewtonSystem system) {
    return minimize(objective, objective.at(start, system.due()), 1, system);
  }

  /**
   * From a point that is known.
   *
   * @param start released when it is left
   * @param spent passes that it took
   */
  <P extends LowerObjective.Point> Result<P> minimize(
      LowerObjective<P> objective, P start, int spent, NewtonSystem system) {
    if (!objective.isConvex()) {
      return new TrustRegion(relativeTolerance, absoluteTolerance, maxPasses)
          .minimize(objective, start, spent, system);
    }
    P point = start;
    int passes = spent;
    int allProducts = 0;
    double first = Vectors.normInf(point.gradient());
    if (!Double.isFinite(point.value()) || !Double.isFinite(first)) {
      return new Result<>(point, Status.NOT_FINITE, passes, 0);
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
      LowerStep step =
          LowerStep.from(
              objective,
              point,
              system,
              new double[][] {point.gradient()},
              new LowerStep.Budget(new double[] {forcing}, products));
      passes += step.others().products();
      allProducts += step.others().products();
      double[] v = step.v();
      double slope = step.slope();
      if (!(slope > 0)) {
        Status solved = step.others().status();
        status = solved.isUsable() ? Status.STALLED : solved;
        break;
      }
      P next = null;
      double length = 1;
      boolean far = slope > FAR * Math.abs(point.value());
      for (int halving = 0; halving < MOST_HALVINGS && passes < maxPasses; halving++) {
        double[] theta = Vectors.plus(point.theta(), -length, v);
        P trial = objective.at(theta, far && halving == 0 ? v : null, system.due());
        passes++;
        if (accepts(point, trial, length * slope)) {
          next = trial;
          break;
        }
        double[] values = trial.alongLine();
        trial.release();
        if (length * slope <= resolution(point)) {
          // Below the resolution of G a shorter step tells nothing that this one did not.
          break;
        }
        length = values == null ? length / 2 : longestLowering(point.value(), values, slope);
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
    return new Result<>(point, status, passes, allProducts);
  }

  /** The first of the line's steps that lowers G enough, or half of the last. */
  static double longestLowering(double from, double[] values, double slope) {
    double[] steps = LowerObjective.lineSteps();
    for (int i = 0; i < steps.length; i++) {
      if (values[i] <= from - ARMIJO * steps[i] * slope) {
        return steps[i];
      }
    }
    return steps[steps.length - 1] / 2;
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
