package io.github.sparkbilevel.problem;

import io.github.sparkbilevel.model.LinearModel;
import java.io.Serializable;

/**
 * The penalty R(θ, λ) = ½ Σ_j c_j θ_j², where c_j is a fixed strength or e^{λ_g(j)}.
 *
 * <p>All of it is computed on the driver: value, gradient, Hessian (diagonal) and the mixed product
 * (∇²_λθ R · u)_g = e^{λ_g} Σ_{j: g(j) = g} θ_j u_j cost no pass.
 *
 * <p>Intercepts have c_j = 0 unless the penalty was made to include them.
 */
public final class Penalty implements Serializable {
  private static final long serialVersionUID = 1L;

  private final double fixed;
  private final int size;
  private final int[] groupOf;

  private Penalty(double fixed, int size, int[] groupOf) {
    this.fixed = fixed;
    this.size = size;
    this.groupOf = groupOf;
  }

  /** One fixed strength {@code l2 ≥ 0} for all coefficients; λ is empty. */
  public static Penalty fixed(LinearModel model, double l2, boolean penalizeIntercept) {
    if (!(l2 >= 0) || Double.isInfinite(l2)) {
      throw new IllegalArgumentException("got l2 = " + l2 + ", expected a number ≥ 0");
    }
    return new Penalty(l2, 0, groups(model, penalizeIntercept));
  }

  /** One tuned strength e^λ for all coefficients; λ has one entry. */
  public static Penalty tuned(LinearModel model, boolean penalizeIntercept) {
    return new Penalty(Double.NaN, 1, groups(model, penalizeIntercept));
  }

  private static int[] groups(LinearModel model, boolean penalizeIntercept) {
    int[] groupOf = new int[model.size()];
    for (int j = 0; j < groupOf.length; j++) {
      groupOf[j] = model.isIntercept(j) && !penalizeIntercept ? -1 : 0;
    }
    return groupOf;
  }

  /** Number of entries of λ that tune the penalty; 0 when it is fixed. */
  public int size() {
    return size;
  }

  /** c, the strength of every coefficient. */
  public double[] strengths(double[] lambda) {
    double[] c = new double[groupOf.length];
    for (int j = 0; j < c.length; j++) {
      c[j] = groupOf[j] < 0 ? 0 : size == 0 ? fixed : Math.exp(lambda[groupOf[j]]);
    }
    return c;
  }

  /** R(θ, λ). */
  public double value(double[] theta, double[] lambda) {
    double[] c = strengths(lambda);
    double sum = 0;
    for (int j = 0; j < c.length; j++) {
      sum += c[j] * theta[j] * theta[j];
    }
    return 0.5 * sum;
  }

  /** out += diag(c) v: with v = θ the gradient of R, with any v its Hessian product. */
  public void addProduct(double[] v, double[] lambda, double[] out) {
    double[] c = strengths(lambda);
    for (int j = 0; j < c.length; j++) {
      out[j] += c[j] * v[j];
    }
  }

  /** ∇²_λθ R · u, one number for each entry of λ. */
  public double[] mixedProduct(double[] theta, double[] u, double[] lambda) {
    double[] mixed = new double[size];
    if (size > 0) {
      for (int j = 0; j < groupOf.length; j++) {
        if (groupOf[j] >= 0) {
          mixed[groupOf[j]] += Math.exp(lambda[groupOf[j]]) * theta[j] * u[j];
        }
      }
    }
    return mixed;
  }
}
