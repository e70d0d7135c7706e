package io.github.sparkbilevel.solve;

import io.github.sparkbilevel.linalg.LinearOperator;
import io.github.sparkbilevel.linalg.Preconditioner;
import io.github.sparkbilevel.linalg.Vectors;

/**
 * Preconditioned conjugate gradients within a trust region, for an operator that need not be
 * positive definite: min ½ xᵀHx − bᵀx over ‖x‖_M ≤ Δ (Steihaug, SIAM J. Numer. Anal. 20, 1983;
 * Toint 1981).
 *
 * <p>The recurrence is that of {@link ConjugateGradient}. Iterates grow in the norm of M, so that
 * the first one beyond Δ, or the first direction of curvature that is not positive, ends the solve
 * on the edge of the region. The norms come of the recurrence; M itself is never applied:
 *
 * <pre>
 *   ‖p‖²_M = ρ + β² ‖p₋‖²_M,  ⟨x, p⟩_M = β (⟨x₋, p₋⟩_M + α ‖p₋‖²_M)
 * </pre>
 *
 * <p>Cost: 1 product for each iterate.
 *
 * @param maxProducts the most products, at least 1
 * @param tolerance done when ‖b − Hx‖ ≤ tolerance · ‖b‖
 */
public record TruncatedCg(int maxProducts, double tolerance) {

  /** Checks that the solver can stop and can act. */
  public TruncatedCg {
    if (maxProducts < 1 || !(tolerance >= 0)) {
      throw new IllegalArgumentException(
          "got maxProducts %d and tolerance %s, expected at least 1 and ≥ 0"
              .formatted(maxProducts, tolerance));
    }
  }

  /**
   * The outcome.
   *
   * @param x the step
   * @param remainder b − Hx
   * @param length ‖x‖_M, which is Δ where the region ended the solve
   * @param status {@code CONVERGED}, also on the edge, {@code BUDGET_SPENT}, {@code BREAKDOWN}, or
   *     {@code NOT_FINITE}; x is usable whichever it is, but may be 0
   * @param products products of the operator that were spent
   */
  public record Step(double[] x, double[] remainder, double length, Status status, int products) {}

  /**
   * Solves; none of the arguments is changed.
   *
   * @param m M⁻¹, positive definite
   * @param radius Δ &gt; 0
   */
  public Step solve(LinearOperator h, double[] b, Preconditioner m, double radius) {
    if (!(radius > 0)) {
      throw new IllegalArgumentException("got a radius of " + radius + ", expected more than 0");
    }
    double[] x = new double[b.length];
    double[] r = b.clone();
    double target = tolerance * Vectors.norm(b);
    double[] p = null;
    double rho = 0;
    double xx = 0;
    double xp = 0;
    double pp = 0;
    int products = 0;
    while (products < maxProducts) {
      double norm = Vectors.norm(r);
      if (norm <= target) {
        return new Step(x, r, Math.sqrt(xx), Status.CONVERGED, products);
      }
      double[] z = m.solve(r);
      double next = Vectors.dot(r, z);
      if (!(next > 0) || Double.isInfinite(next)) {
        Status status = Double.isFinite(next) ? Status.BREAKDOWN : Status.NOT_FINITE;
        return new Step(x, r, Math.sqrt(xx), status, products);
      }
      if (p == null) {
        p = z;
        pp = next;
      } else {
        double beta = next / rho;
        for (int i = 0; i < p.length; i++) {
          p[i] = z[i] + beta * p[i];
        }
        xp *= beta;
        pp = next + beta * beta * pp;
      }
      rho = next;
      double[] image = h.apply(p);
      products++;
      double curvature = Vectors.dot(p, image);
      if (!Double.isFinite(curvature)) {
        return new Step(x, r, Math.sqrt(xx), Status.NOT_FINITE, products);
      }
      double alpha = curvature > 0 ? rho / curvature : Double.POSITIVE_INFINITY;
      if (!(xx + 2 * alpha * xp + alpha * alpha * pp < radius * radius)) {
        double toEdge = (-xp + Math.sqrt(xp * xp + pp * Math.max(0, radius * radius - xx))) / pp;
        Vectors.addTo(x, toEdge, p);
        Vectors.addTo(r, -toEdge, image);
        return new Step(x, r, radius, Status.CONVERGED, products);
      }
      Vectors.addTo(x, alpha, p);
      Vectors.addTo(r, -alpha, image);
      xx += 2 * alpha * xp + alpha * alpha * pp;
      xp += alpha * pp;
    }
    return new Step(x, r, Math.sqrt(xx), Status.BUDGET_SPENT, products);
  }
}
