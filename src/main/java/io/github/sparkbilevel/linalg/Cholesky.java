package io.github.sparkbilevel.linalg;

import dev.ludovic.netlib.blas.BLAS;
import dev.ludovic.netlib.blas.JavaBLAS;
import dev.ludovic.netlib.lapack.JavaLAPACK;
import dev.ludovic.netlib.lapack.LAPACK;
import java.util.Optional;
import org.netlib.util.intW;

/**
 * The factorisation A = L Lᵀ of a dense symmetric positive definite matrix.
 *
 * <p>Right-looking in panels, so that nearly all of the n³/3 multiplications happen in {@code
 * dgemm}; the Java implementations of BLAS and LAPACK are used by name, because a system library
 * would make the bits depend on the machine.
 */
public final class Cholesky {
  private static final BLAS BLAS_JAVA = JavaBLAS.getInstance();
  private static final LAPACK LAPACK_JAVA = JavaLAPACK.getInstance();
  private static final int PANEL = 64;

  /** Of the diagonal entry; 16 units in the last place. */
  private static final double LEAST_PIVOT = 0x1p-48;

  private final int n;
  private final double[] lower;

  private Cholesky(int n, double[] lower) {
    this.n = n;
    this.lower = lower;
  }

  /**
   * Factors the matrix, or returns empty when a pivot is not positive or not finite.
   *
   * @param matrix n × n, column-major, of which the lower triangle is read; not changed
   */
  public static Optional<Cholesky> factor(double[] matrix, int n) {
    if (matrix.length != (long) n * n) {
      throw new IllegalArgumentException(
          "got " + matrix.length + " entries, expected " + n + " x " + n);
    }
    double[] a = matrix.clone();
    intW info = new intW(0);
    for (int k = 0; k < n; k += PANEL) {
      int width = Math.min(PANEL, n - k);
      LAPACK_JAVA.dpotrf("L", width, a, k + k * n, n, info);
      if (info.val != 0) {
        return Optional.empty();
      }
      int below = n - k - width;
      if (below > 0) {
        int panel = k + width + k * n;
        BLAS_JAVA.dtrsm("R", "L", "T", "N", below, width, 1.0, a, k + k * n, n, a, panel, n);
        for (int j = k + width; j < n; j += PANEL) {
          int columns = Math.min(PANEL, n - j);
          int row = j + k * n;
          BLAS_JAVA.dgemm(
              "N", "T", n - j, columns, width, -1.0, a, row, n, a, row, n, 1.0, a, j + j * n, n);
        }
      }
    }
    for (int j = 0; j < n; j++) {
      double pivot = a[j + j * n];
      if (!(pivot > 0) || Double.isInfinite(pivot)) {
        return Optional.empty();
      }
    }
    return Optional.of(new Cholesky(n, a));
  }

  /** Whether a pivot is no more than the rounding error of the diagonal entry that it comes of. */
  public boolean isSingular(double[] matrix) {
    for (int j = 0; j < n; j++) {
      double pivot = lower[j + j * n];
      if (pivot * pivot <= LEAST_PIVOT * matrix[j + j * n]) {
        return true;
      }
    }
    return false;
  }

  /** An entry of L, for {@code row ≥ column}. */
  public double entry(int row, int column) {
    return lower[row + column * n];
  }

  /** A⁻¹ b; {@code b} is not changed. */
  public double[] solve(double[] b) {
    double[] x = b.clone();
    solveInPlace(x, 0);
    return x;
  }

  /** Overwrites the n entries of {@code x} from {@code offset} by A⁻¹ x. */
  public void solveInPlace(double[] x, int offset) {
    // Column sweeps read L in storage order; daxpy and ddot are vectorised.
    for (int j = 0; j < n; j++) {
      double value = x[offset + j] / lower[j + j * n];
      x[offset + j] = value;
      BLAS_JAVA.daxpy(n - j - 1, -value, lower, j + 1 + j * n, 1, x, offset + j + 1, 1);
    }
    for (int j = n - 1; j >= 0; j--) {
      double dot = BLAS_JAVA.ddot(n - j - 1, lower, j + 1 + j * n, 1, x, offset + j + 1, 1);
      x[offset + j] = (x[offset + j] - dot) / lower[j + j * n];
    }
  }
}
