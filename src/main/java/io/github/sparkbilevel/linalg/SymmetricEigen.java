package io.github.sparkbilevel.linalg;

import dev.ludovic.netlib.lapack.JavaLAPACK;
import dev.ludovic.netlib.lapack.LAPACK;
import java.io.Serializable;
import java.util.Iterator;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import org.netlib.util.intW;

/**
 * The decomposition A = Q diag(values) Qᵀ of a small dense symmetric matrix.
 *
 * @param values eigenvalues, rising; of a diagonal matrix in its order
 * @param vectors Q, n × n, column-major: column {@code j} belongs to {@code values[j]}; empty for a
 *     diagonal matrix, where Q = I
 */
public record SymmetricEigen(double[] values, double[] vectors) implements Serializable {
  /**
   * From this order on the eigenvectors are found by divide and conquer, by a native library where
   * one loads: measured faster.
   */
  private static final int DIVIDE = 128;

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
    intW info = new intW(0);
    if (n < DIVIDE) {
      double[] work = new double[Math.max(1, 34 * n)];
      LAPACK_JAVA.dsyev("V", "L", n, vectors, 0, n, values, 0, work, 0, work.length, info);
    } else if (Found.LIBRARY != null) {
      info.val = Found.LIBRARY.decomposeInPlace(vectors, n, values);
    } else {
      divide(vectors, n, values, info);
    }
    if (info.val != 0) {
      throw new ArithmeticException("the eigenvalue iteration ended with info " + info.val);
    }
    return new SymmetricEigen(values, vectors);
  }

  /**
   * The decomposition of a diagonal matrix, with Q = I.
   *
   * @throws ArithmeticException if an entry is not finite
   */
  public static SymmetricEigen ofDiagonal(double[] diagonal) {
    if (!Vectors.isFinite(diagonal)) {
      throw new ArithmeticException("the diagonal has entries that are not finite");
    }
    return new SymmetricEigen(diagonal, new double[0]);
  }

  /** Whether the matrix is diagonal, with Q = I. */
  public boolean isDiagonal() {
    return vectors.length == 0;
  }

  private static void divide(double[] vectors, int n, double[] values, intW info) {
    double[] work = new double[Math.addExact(1 + 6 * n, Math.multiplyExact(2 * n, n))];
    int[] integers = new int[3 + 5 * n];
    LAPACK_JAVA.dsyevd(
        "V",
        "L",
        n,
        vectors,
        0,
        n,
        values,
        0,
        work,
        0,
        work.length,
        integers,
        0,
        integers.length,
        info);
  }

  private static final class Found {
    static final EigenLibrary LIBRARY = find();

    private static EigenLibrary find() {
      Iterator<EigenLibrary> found =
          ServiceLoader.load(EigenLibrary.class, EigenLibrary.class.getClassLoader()).iterator();
      try {
        while (found.hasNext()) {
          EigenLibrary library = found.next();
          if (library.isAvailable()) {
            return library;
          }
        }
      } catch (ServiceConfigurationError | LinkageError e) {
        // What is broken is not there; Java's own LAPACK serves.
        return null;
      }
      return null;
    }
  }
}
