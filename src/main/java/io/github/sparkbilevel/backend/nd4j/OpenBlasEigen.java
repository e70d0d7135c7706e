package io.github.sparkbilevel.backend.nd4j;

import io.github.sparkbilevel.linalg.EigenLibrary;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.openblas.global.openblas;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Divide and conquer by the LAPACK of the OpenBLAS that ND4J brings, in one thread.
 *
 * <p>Off-heap while it runs: 24 n² bytes.
 */
public final class OpenBlasEigen implements EigenLibrary {
  private static final Logger LOG = LoggerFactory.getLogger(OpenBlasEigen.class);

  @Override
  public boolean isAvailable() {
    return Loaded.AVAILABLE;
  }

  @Override
  public int decomposeInPlace(double[] matrix, int n, double[] values) {
    return Lapack.decompose(matrix, n, values);
  }

  // As in Nd4jBackend: this class has to load where the jars are missing.
  private static final class Loaded {
    static final boolean AVAILABLE = load();

    private static boolean load() {
      try {
        if (!new Nd4jBackend().isAvailable()) {
          return false;
        }
        boolean right = SelfCheck.isRight(Lapack::decompose);
        if (!right) {
          LOG.warn(
              "OpenBLAS finds wrong eigenvectors on this CPU, Java's own LAPACK does it instead, more"
                  + " slowly; {}",
              SelfCheck.ADVICE);
        }
        return right;
      } catch (LinkageError | RuntimeException e) {
        return false;
      }
    }
  }

  private static final class Lapack {
    private static final int COLUMN_MAJOR = 102;

    static {
      openblas.blas_set_num_threads(1);
    }

    static int decompose(double[] matrix, int n, double[] values) {
      try (DoublePointer a = new DoublePointer(matrix.length);
          DoublePointer w = new DoublePointer(n)) {
        a.put(matrix, 0, matrix.length);
        int info = openblas.LAPACKE_dsyevd(COLUMN_MAJOR, (byte) 'V', (byte) 'L', n, a, n, w);
        a.get(matrix, 0, matrix.length);
        w.get(values, 0, n);
        return info;
      }
    }
  }
}
