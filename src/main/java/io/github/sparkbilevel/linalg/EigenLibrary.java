package io.github.sparkbilevel.linalg;

/**
 * A native library that decomposes symmetric matrices; found by {@link java.util.ServiceLoader}.
 * Thread-safe.
 */
public interface EigenLibrary {

  /** Whether it loads on this machine. */
  boolean isAvailable();

  /**
   * Decomposes a matrix in place.
   *
   * @param matrix n × n, column-major, of which the lower triangle is read; then the eigenvectors
   * @param values gets the eigenvalues, rising
   * @return 0, or LAPACK's {@code info} when the iteration did not end
   */
  int decomposeInPlace(double[] matrix, int n, double[] values);
}
