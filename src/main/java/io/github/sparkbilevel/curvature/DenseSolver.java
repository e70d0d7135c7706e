package io.github.sparkbilevel.curvature;

import io.github.sparkbilevel.linalg.Cholesky;
import io.github.sparkbilevel.linalg.Preconditioner;
import io.github.sparkbilevel.linalg.Vectors;
import java.util.Optional;

/**
 * The exact inverse of H + δI, formed and factored on the driver, with one step of refinement.
 *
 * <p>Where H is singular along a known direction e to which the right-hand sides are orthogonal —
 * the common shift of softmax intercepts that are not penalised — adding c·eeᵀ makes the matrix
 * definite and changes no solution that is orthogonal to e: (H + c eeᵀ) x = b and ⟨e, b⟩ = 0 give
 * ⟨e, x⟩ = 0 and H x = b.
 */
public final class DenseSolver implements Preconditioner {
  private final double[] matrix;
  private final Cholesky factor;
  private final int n;

  private DenseSolver(double[] matrix, Cholesky factor, int n) {
    this.matrix = matrix;
    this.factor = factor;
    this.n = n;
  }

  /**
   * Factors H + δI, or returns empty when it is not positive definite to working precision: a
   * matrix that is singular but for rounding would give a solution that is rounding and nothing
   * else.
   *
   * @param hessian n × n, column-major; not changed
   * @param nullDirection e, or null
   */
  public static Optional<DenseSolver> factor(
      double[] hessian, int n, double[] nullDirection, double damping) {
    double[] matrix = hessian.clone();
    for (int j = 0; j < n; j++) {
      matrix[j + j * n] += damping;
    }
    if (nullDirection != null) {
      // The size of the entries that e touches: a penalty may make the others far larger.
      double c = 0;
      double squares = Vectors.dot(nullDirection, nullDirection);
      for (int j = 0; j < n; j++) {
        c += nullDirection[j] * nullDirection[j] * matrix[j + j * n] / squares / squares;
      }
      for (int column = 0; column < n; column++) {
        for (int row = 0; row < n; row++) {
          matrix[row + column * n] += c * nullDirection[row] * nullDirection[column];
        }
      }
    }
    return Cholesky.factor(matrix, n)
        .filter(factor -> !factor.isSingular(matrix))
        .map(factor -> new DenseSolver(matrix, factor, n));
  }

  @Override
  public double[] solve(double[] b) {
    double[] x = factor.solve(b);
    double[] residual = b.clone();
    for (int column = 0; column < n; column++) {
      for (int row = 0; row < n; row++) {
        residual[row] -= matrix[row + column * n] * x[column];
      }
    }
    Vectors.addTo(x, 1, factor.solve(residual));
    return x;
  }
}
