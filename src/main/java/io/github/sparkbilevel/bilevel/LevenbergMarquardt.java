package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.problem.LowerObjective;
import io.github.sparkbilevel.solve.ConjugateGradient;
import io.github.sparkbilevel.solve.Status;

/**
 * Damped Gauss-Newton steps for a lower level that is not convex, with Levenberg and Marquardt's
 * adaptation of the damping (in the form of Martens and Grosse, ICML 2015).
 *
 * <p>Each step solves (H + δI) v = ∇G inexactly and compares the decrease of G with the one that
 * the quadratic model promised, ρ = (G(θ) − G(θ − v)) / (∇Gᵀv − ½ vᵀHv). A step with ρ > 0 is
 * taken. δ falls to a third for ρ > ¾ and grows threefold for ρ < ¼; a step that is not taken makes
 * it ten times as large. H is the Gauss-Newton matrix, or the Hessian where the model says so; then
 * negative curvature ends a solve early, and where nothing came of it, raises δ as well.
 *
 * <p>Cost: 1 pass for each trial point, 1 for each Hessian product.
 *
 * @param relativeTolerance done when ‖∇G‖∞ ≤ relativeTolerance · ‖∇G‖∞ at the start
 * @param absoluteTolerance or when ‖∇G‖∞ ≤ absoluteTolerance
 * @param maxPasses the most passes, evaluations and products together
 */
record LevenbergMarquardt(double relativeTolerance, double absoluteTolerance, int maxPasses) {
  private static final double FIRST_DAMPING = 1e-2;
  private static final double LEAST_DAMPING = 1e-12;
  private static final double MOST_DAMPING = 1e8;
  private static final int MOST_PRODUCTS = 100;
  private static final double RESOLUTION = 1e-13;

  <P extends LowerObjective.Point> LowerSolver.Result<P> minimize(
      LowerObjective<P> objective, P start, int spent, NewtonSystem system) {
    double least = Math.max(LEAST_DAMPING, system.damping());
    double before = system.damping();
    double damping = Math.max(least, FIRST_DAMPING);
    P point = start;
    int passes = spent;
    int allProducts = 0;
    double first = Vectors.normInf(point.gradient());
    double lastNorm = first;
    double target = Math.max(absoluteTolerance, relativeTolerance * first);
    Status status =
        Double.isFinite(point.value()) && Double.isFinite(first)
            ? Status.BUDGET_SPENT
            : Status.NOT_FINITE;
    while (status == Status.BUDGET_SPENT && passes < maxPasses) {
      double norm = Vectors.normInf(point.gradient());
      if (norm <= target) {
        status = Status.CONVERGED;
        break;
      }
      system.damp(damping);
      // Eisenstat and Walker's second choice: as exact as the last step was good.
      double fall = norm / lastNorm;
      double forcing = Math.min(0.5, Math.max(0.9 * fall * fall, 1e-10));
      int products = Math.max(1, Math.min(MOST_PRODUCTS, maxPasses - passes - 1));
      var solution =
          system.solve(
              objective,
              point,
              new double[][] {point.gradient()},
              new ConjugateGradient(products, forcing));
      passes += solution.products();
      allProducts += solution.products();
      double[] v = solution.columns()[0];
      double promised = promised(point.gradient(), v, solution.remainders()[0], damping);
      if (!(promised > 0)) {
        damping *= 10;
        status = damping > MOST_DAMPING ? failed(solution.status()) : status;
        continue;
      }
      P trial = objective.at(Vectors.plus(point.theta(), -1, v), system.due());
      passes++;
      double decrease = point.value() - trial.value();
      boolean below = promised <= RESOLUTION * Math.abs(point.value());
      // Below the resolution of G a smaller gradient has to do.
      boolean taken =
          below ? Vectors.norm(trial.gradient()) < Vectors.norm(point.gradient()) : decrease > 0;
      if (!taken) {
        trial.release();
        damping *= 10;
        status = below || damping > MOST_DAMPING ? Status.STALLED : status;
        continue;
      }
      double ratio = below ? 1 : decrease / promised;
      damping = ratio > 0.75 ? Math.max(least, damping / 3) : ratio < 0.25 ? 3 * damping : damping;
      lastNorm = norm;
      point.release();
      point = trial;
    }
    if (Vectors.normInf(point.gradient()) <= target) {
      status = Status.CONVERGED;
    }
    system.damp(before);
    return new LowerSolver.Result<>(point, status, passes, allProducts);
  }

  private static Status failed(Status of) {
    return of.isUsable() ? Status.STALLED : of;
  }

  /** ∇Gᵀv − ½ vᵀHv for (H + δI) v = ∇G − r. */
  private static double promised(double[] gradient, double[] v, double[] r, double damping) {
    return 0.5 * (Vectors.dot(gradient, v) + Vectors.dot(r, v) + damping * Vectors.dot(v, v));
  }
}
