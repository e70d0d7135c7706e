package io.github.sparkbilevel.problem;

import io.github.sparkbilevel.linalg.Support;
import java.util.Arrays;

/**
 * The part of a training objective that has kinks: Σ_j c_j |θ_j| beside a smooth part S(θ).
 *
 * <p>θ solves the lower level if and only if the subgradient of least norm is 0:
 *
 * <pre>
 *   p_j = ∂_jS + c_j sign(θ_j)                      where θ_j ≠ 0
 *   p_j = sign(∂_jS) max(0, |∂_jS| − c_j)           where θ_j = 0
 * </pre>
 *
 * <p>Near a solution the coordinates with |∂_jS| &lt; c_j stay 0 and the others keep their signs,
 * so G is smooth in these: Newton steps and adjoints are solved for on the {@link #support} alone,
 * and the derivative of θ* by λ is that of implicit differentiation on it.
 *
 * @param widths c, one for each coefficient; 0 where there is no kink
 */
public record Kinks(double[] widths) {

  /** Σ_j c_j |θ_j|. */
  public double value(double[] theta) {
    double sum = 0;
    for (int j = 0; j < theta.length; j++) {
      sum += widths[j] * Math.abs(theta[j]);
    }
    return sum;
  }

  /**
   * p.
   *
   * @param gradient ∇S
   */
  public double[] leastSubgradient(double[] theta, double[] gradient) {
    double[] p = new double[theta.length];
    Arrays.setAll(
        p,
        j ->
            theta[j] == 0
                ? shrink(gradient[j], widths[j])
                : gradient[j] + Math.copySign(widths[j], theta[j]));
    return p;
  }

  /**
   * ⟨∇S, to − from⟩ + Σ_j c_j (|to_j| − |from_j|): what G changes by to first order, if no sign
   * changes, and no less than that otherwise. Small changes of large sums keep their digits.
   *
   * @param gradient ∇S at {@code from}
   */
  public double slope(double[] gradient, double[] from, double[] to) {
    double sum = 0;
    for (int j = 0; j < to.length; j++) {
      double sign = Math.signum(from[j] == 0 ? to[j] : from[j]);
      boolean crosses = from[j] * to[j] < 0;
      sum += (to[j] - from[j]) * (gradient[j] + widths[j] * sign);
      sum += crosses ? 2 * widths[j] * Math.abs(to[j]) : 0;
    }
    return sum;
  }

  /** The number nearer to 0 by a width, or 0. */
  public static double shrink(double x, double width) {
    return Math.copySign(Math.max(0, Math.abs(x) - width), x);
  }

  /** The coefficients that are not 0, and those without a kink. */
  public Support support(double[] theta) {
    return Support.of(theta.length, j -> theta[j] != 0 || widths[j] == 0);
  }

  /**
   * The coefficients that are to move: the support, and those that 0 is wrong for.
   *
   * @param subgradient p
   */
  public Support working(double[] theta, double[] subgradient) {
    return Support.of(theta.length, j -> theta[j] != 0 || widths[j] == 0 || subgradient[j] != 0);
  }
}
