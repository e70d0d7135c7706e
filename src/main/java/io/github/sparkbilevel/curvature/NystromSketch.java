package io.github.sparkbilevel.curvature;

import io.github.sparkbilevel.linalg.Cholesky;
import io.github.sparkbilevel.linalg.LinearOperator;
import io.github.sparkbilevel.linalg.Preconditioner;
import io.github.sparkbilevel.linalg.Vectors;
import java.util.Optional;
import java.util.Random;

/**
 * A positive semidefinite approximation of low rank, H_data ≈ B Bᵀ, from the products with k random
 * directions Ω (Frangella, Tropp and Udell, SIMAX 2023, algorithm 2.1):
 *
 * <pre>
 *   Y = H_data Ω + ν Ω,   C Cᵀ = Ωᵀ Y,   B = Y C⁻ᵀ
 * </pre>
 *
 * with ν the size of the rounding of Y, raised until the Cholesky factor exists. It knows nothing
 * of the penalty: one sketch serves every λ, and every θ near the one that it was made at.
 *
 * <p>Cost: 1 pass; memory 8 d k bytes.
 */
public final class NystromSketch {
  /** Of a diagonal entry at least this much is left, however well the sketch knows it. */
  private static final double LEAST_SHARE = 1e-3;

  private static final int MOST_ATTEMPTS = 5;

  private final double[][] columns;

  private NystromSketch(double[][] columns) {
    this.columns = columns;
  }

  /**
   * Sketches the data part of a Hessian; costs 1 product with k columns.
   *
   * @param hessian H_data + diag(c) + δI
   * @param penalty c
   * @param damping δ
   * @param k number of directions, at most the size of H
   * @param seed where the directions come from
   * @return empty when the products are not finite, or no factor exists
   */
  public static Optional<NystromSketch> of(
      LinearOperator hessian, double[] penalty, double damping, int k, long seed) {
    int d = hessian.size();
    int rank = Math.min(k, d);
    Random random = new Random(seed);
    double[][] omega = new double[rank][d];
    for (double[] direction : omega) {
      for (int j = 0; j < d; j++) {
        direction[j] = random.nextGaussian();
      }
    }
    double[][] y = hessian.applyAll(omega);
    double norm = 0;
    for (int c = 0; c < rank; c++) {
      for (int j = 0; j < d; j++) {
        y[c][j] -= (penalty[j] + damping) * omega[c][j];
      }
      norm = Math.max(norm, Vectors.norm(y[c]));
    }
    if (!Double.isFinite(norm)) {
      return Optional.empty();
    }
    if (norm == 0) {
      return Optional.of(new NystromSketch(new double[0][]));
    }
    double nu = Math.ulp(1.0) * Math.sqrt(d) * norm;
    for (int attempt = 0; attempt < MOST_ATTEMPTS; attempt++, nu *= 100) {
      double[][] shifted = new double[rank][];
      for (int c = 0; c < rank; c++) {
        shifted[c] = Vectors.plus(y[c], nu, omega[c]);
      }
      Optional<Cholesky> factor = Cholesky.factor(core(omega, shifted), rank);
      if (factor.isPresent()) {
        return Optional.of(new NystromSketch(whitened(shifted, factor.get())));
      }
    }
    return Optional.empty();
  }

  /** The sketch that has these columns. */
  public static NystromSketch ofColumns(double[][] columns) {
    return new NystromSketch(columns);
  }

  /** The columns of B; not to be changed. */
  public double[][] columns() {
    return columns;
  }

  /** Ωᵀ Y, symmetric but for rounding. */
  private static double[] core(double[][] omega, double[][] y) {
    int rank = y.length;
    double[] core = new double[rank * rank];
    for (int a = 0; a < rank; a++) {
      for (int b = 0; b <= a; b++) {
        double value = 0.5 * (Vectors.dot(omega[a], y[b]) + Vectors.dot(omega[b], y[a]));
        core[a + b * rank] = value;
        core[b + a * rank] = value;
      }
    }
    return core;
  }

  /** B = Y C⁻ᵀ, column after column: b_j = (y_j − Σ_{i<j} C_ji b_i) / C_jj. */
  private static double[][] whitened(double[][] y, Cholesky factor) {
    double[][] b = new double[y.length][];
    for (int j = 0; j < y.length; j++) {
      b[j] = y[j].clone();
      for (int i = 0; i < j; i++) {
        Vectors.addTo(b[j], -factor.entry(j, i), b[i]);
      }
      double pivot = factor.entry(j, j);
      for (int t = 0; t < b[j].length; t++) {
        b[j][t] /= pivot;
      }
    }
    return b;
  }

  /**
   * The inverse of D + B Bᵀ with D = diag(c) + δ and what the sketch leaves of the diagonal of
   * H_data, by Woodbury's identity:
   *
   * <pre>  (D + B Bᵀ)⁻¹ = D⁻¹ − D⁻¹ B (I + Bᵀ D⁻¹ B)⁻¹ Bᵀ D⁻¹</pre>
   *
   * Costs no pass; d k² multiplications once, 4 d k for each solve.
   *
   * @param diagonal the diagonal of H_data
   * @return empty when the inner matrix cannot be factored
   */
  public Optional<Preconditioner> preconditioner(
      double[] diagonal, double[] penalty, double damping) {
    double[] left = diagonal.clone();
    for (double[] b : columns) {
      for (int j = 0; j < left.length; j++) {
        left[j] -= b[j] * b[j];
      }
    }
    for (int j = 0; j < left.length; j++) {
      left[j] = Math.max(left[j], LEAST_SHARE * diagonal[j]);
    }
    double[] d = JacobiPreconditioner.sum(left, penalty, damping);
    int rank = columns.length;
    if (rank == 0) {
      return Optional.of(r -> divided(r, d));
    }
    double[] inner = new double[rank * rank];
    for (int a = 0; a < rank; a++) {
      double[] scaled = divided(columns[a], d);
      for (int b = 0; b <= a; b++) {
        double value = Vectors.dot(scaled, columns[b]) + (a == b ? 1 : 0);
        inner[a + b * rank] = value;
        inner[b + a * rank] = value;
      }
    }
    return Cholesky.factor(inner, rank).map(factor -> r -> solve(r, d, factor));
  }

  private double[] solve(double[] r, double[] d, Cholesky inner) {
    double[] x = divided(r, d);
    double[] t = new double[columns.length];
    for (int a = 0; a < t.length; a++) {
      t[a] = Vectors.dot(columns[a], x);
    }
    inner.solveInPlace(t, 0);
    for (int a = 0; a < t.length; a++) {
      double[] b = columns[a];
      for (int j = 0; j < x.length; j++) {
        x[j] -= t[a] * b[j] / d[j];
      }
    }
    return x;
  }

  private static double[] divided(double[] r, double[] d) {
    double[] x = r.clone();
    for (int j = 0; j < x.length; j++) {
      x[j] /= d[j];
    }
    return x;
  }
}
