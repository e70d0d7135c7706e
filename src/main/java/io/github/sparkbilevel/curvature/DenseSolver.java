package io.github.sparkbilevel.curvature;

import io.github.sparkbilevel.linalg.Cholesky;
import io.github.sparkbilevel.linalg.NormCurvature;
import io.github.sparkbilevel.linalg.Preconditioner;
import io.github.sparkbilevel.linalg.Support;
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
  /** How many times the touched entries the mean of the diagonal may be. */
  private static final double MOST_ABOVE = 1e8;

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
      double c = alongNull(matrix, n, nullDirection);
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

  /**
   * The same on some rows and columns of H + C, for vectors of these coordinates alone.
   *
   * @param hessian of all coordinates
   * @param curvature C, if there is any
   * @param nullDirection e of all coordinates, or null
   */
  public static Optional<DenseSolver> factor(
      double[] hessian,
      Support support,
      Optional<NormCurvature> curvature,
      double[] nullDirection,
      double damping) {
    double[] part = support.gatherMatrix(hessian);
    if (curvature.isPresent()) {
      part = part == hessian ? hessian.clone() : part;
      curvature.get().addTo(part, support);
    }
    double[] e = nullDirection == null ? null : support.gather(nullDirection);
    return factor(part, support.count(), e, damping);
  }

  /**
   * c of c e eᵀ: the mean of the diagonal; where a penalty makes that far larger than the entries
   * that e touches, and they would drown in its rounding errors, the mean of those.
   */
  private static double alongNull(double[] matrix, int n, double[] e) {
    double squares = Vectors.dot(e, e);
    double trace = 0;
    double touched = 0;
    for (int j = 0; j < n; j++) {
      trace += matrix[j + j * n];
      touched += e[j] * e[j] * matrix[j + j * n] / squares;
    }
    double mean = trace / n;
    return (mean <= MOST_ABOVE * touched ? mean : touched) / squares;
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
