package io.github.sparkbilevel.backend.nd4j;

import io.github.sparkbilevel.backend.JvmBackend;
import io.github.sparkbilevel.backend.MatrixProducts;
import io.github.sparkbilevel.backend.MatrixProducts.Operand;
import java.util.Arrays;

/**
 * Checks that native kernels compute what they should, once for each process.
 *
 * <p>OpenBLAS chooses its kernels by the CPU, and not all of them are right: those of 0.3.19 for
 * Cooper Lake multiply float64 matrices of more than 192 rows wrongly, and with those for Skylake-X
 * the eigenvectors of a matrix of 65 rows are none. Nothing but the result tells.
 */
final class SelfCheck {
  /** What to do about wrong kernels. */
  static final String ADVICE = "try the environment variable OPENBLAS_CORETYPE=Haswell";

  // Beyond the blocks of any kernel, and no multiple of one.
  private static final int M = 265;
  private static final int N = 39;
  private static final int K = 41;

  /** Rows of the matrix that is decomposed: more than one leaf of divide and conquer. */
  private static final int ROWS = 129;

  private static final double TOLERANCE = 1e-9;

  private SelfCheck() {}

  /**
   * Multiplies small whole numbers, of which every sum is exact.
   *
   * @return empty, or one sentence on what is wrong
   */
  static String products(MatrixProducts<float[]> singles, MatrixProducts<double[]> doubles) {
    MatrixProducts<double[]> reference = new JvmBackend().doubleMatrices();
    double[] a = numbers(M * K, 7, 5);
    double[] b = numbers(K * N, 5, 7);
    for (boolean aT : new boolean[] {false, true}) {
      for (boolean bT : new boolean[] {false, true}) {
        double[] expected = new double[M * N];
        reference.product(M, N, K, a(a, aT), b(b, bT), Operand.of(expected, 0, M), false);
        double[] c = new double[M * N];
        doubles.product(M, N, K, a(a, aT), b(b, bT), Operand.of(c, 0, M), false);
        float[] single = new float[M * N];
        singles.product(
            M, N, K, a(narrow(a), aT), b(narrow(b), bT), Operand.of(single, 0, M), false);
        boolean wrongDoubles = !Arrays.equals(expected, c);
        if (wrongDoubles || !Arrays.equals(narrow(expected), single)) {
          return "its products of %s matrices are wrong on this CPU; %s"
              .formatted(wrongDoubles ? "float64" : "float32", ADVICE);
        }
      }
    }
    return "";
  }

  private static <A> Operand<A> a(A values, boolean transposed) {
    return transposed ? Operand.of(values, 0, K).transpose() : Operand.of(values, 0, M);
  }

  private static <A> Operand<A> b(A values, boolean transposed) {
    return transposed ? Operand.of(values, 0, N).transpose() : Operand.of(values, 0, K);
  }

  private static double[] numbers(int length, int step, int range) {
    double[] numbers = new double[length];
    Arrays.setAll(numbers, i -> i * step % (2 * range + 1) - range);
    return numbers;
  }

  private static float[] narrow(double[] values) {
    float[] narrow = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      narrow[i] = (float) values[i];
    }
    return narrow;
  }

  /** How a symmetric matrix is decomposed: as {@code EigenLibrary.decomposeInPlace}. */
  @FunctionalInterface
  interface Decomposition {
    int decomposeInPlace(double[] matrix, int n, double[] values);
  }

  /** Decomposes a matrix, and sees whether A v = w v for every column. */
  static boolean isRight(Decomposition decomposition) {
    int n = ROWS;
    double[] a = new double[n * n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        a[i + j * n] = 1.0 / (1 + Math.abs(i - j)) + (i == j ? i % 7 : 0);
      }
    }
    double[] v = a.clone();
    double[] w = new double[n];
    if (decomposition.decomposeInPlace(v, n, w) != 0) {
      return false;
    }
    for (int c = 0; c < n; c++) {
      double[] residual = new double[n];
      double square = 0;
      for (int j = 0; j < n; j++) {
        double entry = v[j + c * n];
        square += entry * entry;
        residual[j] -= w[c] * entry;
        for (int i = 0; i < n; i++) {
          residual[i] += a[i + j * n] * entry;
        }
      }
      double largest = Arrays.stream(residual).map(Math::abs).max().orElse(0);
      if (!(largest < TOLERANCE && Math.abs(square - 1) < TOLERANCE)) {
        return false;
      }
    }
    return true;
  }
}
