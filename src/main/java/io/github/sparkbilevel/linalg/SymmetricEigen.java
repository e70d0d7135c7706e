package io.github.sparkbilevel.linalg;

import dev.ludovic.netlib.lapack.JavaLAPACK;
import dev.ludovic.netlib.lapack.LAPACK;
import org.netlib.util.intW;

/**
 * The decomposition A = Q diag(values) Qᵀ of a small dense symmetric matrix.
 *
 * @param values eigenvalues, rising
 * @param vectors Q, n × n, column-major: column {@code j} belongs to {@code values[j]}
 */
public record SymmetricEigen(double[] values, double[] vectors) {
  private static final LAPACK LAPACK_JAVA = JavaLAPACK.getInstance();

  /**
   * Decomposes the matrix.
   *
   * @param matrix n × n, column-major, of which the lower triangle is read; not changed
   * @throws ArithmeticException if an entry is not finite
   */
  public static SymmetricEigen of(double[] matrix, int n) {
    if (!Vectors.isFinite(matrix)) {
      throw new ArithmeticException("the matrix has entries that are not finite");
    }
    double[] vectors = matrix.clone();
    double[] values = new double[n];
    double[] work = new double[Math.max(1, 34 * n)];
    intW info = new intW(0);
    LAPACK_JAVA.dsyev("V", "L", n, vectors, 0, n, values, 0, work, 0, work.length, info);
    if (info.val != 0) {
      throw new ArithmeticException("dsyev ended with info " + info.val);
    }
    return new SymmetricEigen(values, vectors);
  }
}
