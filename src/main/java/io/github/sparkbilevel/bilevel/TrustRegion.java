package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.curvature.Preparation;
import io.github.sparkbilevel.linalg.Preconditioner;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.problem.oracle.LowerObjective;
import io.github.sparkbilevel.solve.Status;
import io.github.sparkbilevel.solve.TruncatedCg;

/**
 * Newton steps within a trust region for a lower level that is not convex. With the Gauss-Newton
 * matrix for H it is Levenberg's and Marquardt's method in the form of Moré (1978), where the
 * radius stands for the damping.
 *
 * <p>Each step v minimises the quadratic model inside ‖v‖_M ≤ Δ by {@link TruncatedCg} and compares
 * the decrease of G with the one that the model promised, ρ = (G(θ) − G(θ − v)) / (∇Gᵀv − ½ vᵀHv).
 * A step with ρ > 10⁻⁴ is taken. Δ falls to a quarter of ‖v‖_M for ρ < ¼ and doubles for ρ > ¾ on
 * the edge (Nocedal and Wright, algorithm 4.1). M is what the curvature makes of the Gauss-Newton
 * matrix.
 *
 * <p>H is the Hessian wherever the objective knows it ({@link
 * LowerObjective.Point#exactHessian(double)}): rows whose labels are wrong keep large residuals,
 * and with these the Gauss-Newton matrix alone is far from it, so that its steps creep.
 *
 * <p>Cost: 1 pass for each trial point, 1 for each Hessian product.
 *
 * @param relativeTolerance done when ‖∇G‖∞ ≤ relativeTolerance · ‖∇G‖∞ at the start
 * @param absoluteTolerance or when ‖∇G‖∞ ≤ absoluteTolerance
 * @param maxPasses the most passes, evaluations and products together
 */
record TrustRegion(double relativeTolerance, double absoluteTolerance, int maxPasses) {
  private static final double PRECONDITIONER_DAMPING = 1e-2;
  private static final int MOST_PRODUCTS = 500;
  private static final double LEAST_RATIO = 1e-4;

  /** Promises below this share of G are held against the gradients at both ends of the step. */
  private static final double RESOLUTION = 1e-6;

  /** Trial points within which G has to fall by this share, or the gradient to half. */
  private static final int PATIENCE = 50;

  private static final double LEAST_FALL = 1e-4;

  <P extends LowerObjective.Point> LowerSolver.Result<P> minimize(
      LowerObjective<P> objective, P start, int spent, NewtonSystem system) {
    double damping = Math.max(PRECONDITIONER_DAMPING, system.damping());
    P point = start;
    int passes = spent;
    int allProducts = 0;
    double first = Vectors.norm(point.gradient());
    double target =
        Math.max(absoluteTolerance, relativeTolerance * Vectors.normInf(point.gradient()));
    double radius = Double.NaN;
    Progress progress = new Progress(point);
    Status status =
        Double.isFinite(point.value()) && Double.isFinite(first)
            ? Status.BUDGET_SPENT
            : Status.NOT_FINITE;
    while (status == Status.BUDGET_SPENT && passes < maxPasses) {
      double[] gradient = point.gradient();
      if (Vectors.normInf(gradient) <= target) {
        break;
      }
      Preparation<Preconditioner> made = system.precondition(objective, point, damping);
      if (made instanceof Preparation.Failed<Preconditioner> failed) {
        status = failed.status();
        break;
      }
      var ready = (Preparation.Ready<Preconditioner>) made;
      passes += ready.products();
      allProducts += ready.products();
      Preconditioner m = ready.value();
      if (Double.isNaN(radius)) {
        radius = Math.sqrt(Vectors.dot(gradient, m.solve(gradient)));
      }
      double forcing = Math.min(0.1, Math.max(Math.sqrt(Vectors.norm(gradient) / first), 1e-10));
      int products = Math.max(1, Math.min(MOST_PRODUCTS, maxPasses - passes - 1));
      var step =
          new TruncatedCg(products, forcing).solve(point.exactHessian(0), gradient, m, radius);
      passes += step.products();
      allProducts += step.products();
      double[] v = step.x();
      double promised = 0.5 * (Vectors.dot(gradient, v) + Vectors.dot(step.remainder(), v));
      if (!(promised > 0)) {
        status = step.status() == Status.NOT_FINITE ? Status.NOT_FINITE : Status.STALLED;
        break;
      }
      P trial = objective.at(Vectors.plus(point.theta(), -1, v), system.due());
      passes++;
      double ratio = decrease(point, trial, v, promised) / promised;
      if (!(ratio >= 0.25)) {
        radius = 0.25 * step.length();
      } else if (ratio > 0.75 && step.length() >= radius) {
        radius *= 2;
      }
      boolean taken = ratio > LEAST_RATIO;
      (taken ? point : trial).release();
      point = taken ? trial : point;
      status = progress.isStalledAt(point) || !(radius > 0) ? Status.STALLED : status;
    }
    if (Vectors.normInf(point.gradient()) <= target) {
      status = Status.CONVERGED;
    }
    return new LowerSolver.Result<>(point, status, passes, allProducts);
  }

  /**
   * G(θ) − G(θ − v). Below the resolution of G it is the mean of the gradients along v: exact to
   * third order in v, and free of the cancellation.
   */
  private static double decrease(
      LowerObjective.Point from, LowerObjective.Point to, double[] v, double promised) {
    return promised <= RESOLUTION * Math.abs(from.value())
        ? 0.5 * (Vectors.dot(from.gradient(), v) + Vectors.dot(to.gradient(), v))
        : from.value() - to.value();
  }

  /** Whether anything still comes of the steps: at a kink, as relu has them, nothing does. */
  private static final class Progress {
    private double value;
    private double norm;
    private int since;

    public Progress(LowerObjective.Point start) {
      value = start.value();
      norm = Vectors.norm(start.gradient());
    }

    boolean isStalledAt(LowerObjective.Point point) {
      double now = Vectors.norm(point.gradient());
      boolean fell = value - point.value() > LEAST_FALL * Math.abs(value);
      if (fell || now < 0.5 * norm) {
        value = point.value();
        norm = Math.min(norm, now);
        since = 0;
        return false;
      }
      return ++since >= PATIENCE;
    }
  }
}
