package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.problem.Kinks;
import io.github.sparkbilevel.problem.oracle.LowerObjective;
import io.github.sparkbilevel.solve.ConjugateGradient.Solution;
import io.github.sparkbilevel.solve.Status;
import java.util.Arrays;

/**
 * The step θ − v of the lower level from a point, together with the solutions of other systems at
 * the same point.
 *
 * <p>Where G is smooth, v is the Newton step H v = ∇G. Where it has kinks, θ − v is near the
 * minimum of the model
 *
 * <pre>
 *   m(x) = ⟨∇S, x − θ⟩ + ½ ⟨x − θ, H (x − θ)⟩ + Σ_j c_j |x_j|        S: G without its kinks
 * </pre>
 *
 * a proximal Newton step. With H at hand {@link LassoModel} minimises m on the driver. Without, the
 * Newton step H v = p of the working coordinates, where p is the subgradient of least norm, is cut
 * off where a coefficient would change its sign or leave 0 in the wrong direction: it becomes 0
 * (Andrew and Gao, ICML 2007; Byrd, Chin, Nocedal and Oztoprak, Math. Program. 2016). If what is
 * left is hardly a descent direction, a proximal gradient step takes its place. Either way the
 * signs of the working coordinates settle near the solution, where the step is a Newton step on the
 * support.
 *
 * @param v the step
 * @param slope what the whole step promises to lower G by, to first order: positive
 * @param others the solutions of the other systems
 */
record LowerStep(double[] v, double slope, Solution others) {
  /** A cut step must promise this share of the whole one. */
  private static final double LEAST_SHARE = 0.1;

  /**
   * The step.
   *
   * @param rightHandSides ∇G, and those of other systems
   */
  static LowerStep from(
      LowerObjective<?> objective,
      LowerObjective.Point point,
      NewtonSystem system,
      double[][] rightHandSides,
      Budget budget) {
    if (objective.kinks().isEmpty()) {
      Solution solved = budget.solve(objective, point, system, rightHandSides, 0);
      double[] v = solved.columns()[0];
      return new LowerStep(v, Vectors.dot(point.gradient(), v), rest(solved));
    }
    Kinks kinks = objective.kinks().get();
    if (point.denseHessian() == null) {
      Solution solved = budget.solve(objective, point, system, rightHandSides, 0);
      double[] x = cut(kinks, point, solved.columns()[0]);
      return to(x, kinks, point, rest(solved));
    }
    double[] x = LassoModel.minimum(point, kinks, objective.nullDirection());
    double[][] others = Arrays.copyOfRange(rightHandSides, 1, rightHandSides.length);
    Solution solved =
        others.length == 0
            ? new Solution(others, Status.CONVERGED, 0, new double[0], others)
            : budget.solve(objective, point, system, others, 1);
    return to(x, kinks, point, solved);
  }

  /**
   * What the systems may take.
   *
   * @param tolerances of the systems, relative to their right-hand sides
   * @param products the most Hessian products
   */
  record Budget(double[] tolerances, int products) {

    private Solution solve(
        LowerObjective<?> objective,
        LowerObjective.Point point,
        NewtonSystem system,
        double[][] rightHandSides,
        int from) {
      double[] own = Arrays.copyOfRange(tolerances, from, tolerances.length);
      return system.solve(objective, point, rightHandSides, own, products);
    }
  }

  private static Solution rest(Solution all) {
    int n = all.columns().length;
    return new Solution(
        Arrays.copyOfRange(all.columns(), 1, n),
        all.status(),
        all.products(),
        Arrays.copyOfRange(all.residuals(), 1, n),
        Arrays.copyOfRange(all.remainders(), 1, n));
  }

  private static LowerStep to(
      double[] x, Kinks kinks, LowerObjective.Point point, Solution others) {
    return new LowerStep(Vectors.plus(point.theta(), -1, x), -slope(x, kinks, point), others);
  }

  /** The derivative of G along x − θ, if no sign changes; an upper bound otherwise. */
  private static double slope(double[] x, Kinks kinks, LowerObjective.Point point) {
    double[] theta = point.theta();
    return Vectors.dot(point.smoothGradient(), Vectors.plus(x, -1, theta))
        + kinks.value(x)
        - kinks.value(theta);
  }

  private static double[] cut(Kinks kinks, LowerObjective.Point point, double[] v) {
    double[] theta = point.theta();
    double[] p = point.gradient();
    double[] x = Vectors.plus(theta, -1, v);
    for (int j = 0; j < x.length; j++) {
      double sign = theta[j] == 0 ? -p[j] : theta[j];
      if (kinks.widths()[j] > 0 && x[j] * sign <= 0) {
        x[j] = 0;
      }
    }
    double promised = Vectors.dot(p, v);
    if (-slope(x, kinks, point) >= LEAST_SHARE * promised) {
      return x;
    }
    double curvature = Vectors.dot(p, p) / promised;
    double[] s = point.smoothGradient();
    Arrays.setAll(x, j -> Kinks.shrink(theta[j] - s[j] / curvature, kinks.widths()[j] / curvature));
    return x;
  }
}
