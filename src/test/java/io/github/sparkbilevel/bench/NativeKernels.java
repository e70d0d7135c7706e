package io.github.sparkbilevel.bench;

import io.github.sparkbilevel.backend.DenseBackends;
import io.github.sparkbilevel.backend.MatrixProducts;
import io.github.sparkbilevel.backend.MatrixProducts.Operand;
import io.github.sparkbilevel.linalg.SymmetricEigen;
import java.util.Random;

/**
 * What the kernels do that OpenBLAS has chosen, in one thread: start and check of ND4J, float32
 * products of a network's shapes, the best of 1.5 s, and one eigendecomposition. With {@code
 * OPENBLAS_CORETYPE} others are chosen.
 */
public final class NativeKernels {
  private static final int[][] SHAPES = {{1024, 1024, 1024}, {128, 784, 256}, {784, 128, 256}};
  private static final int ORDER = 785;

  private NativeKernels() {}

  /** Prints a line for each. */
  public static void main(String[] args) {
    long start = System.nanoTime();
    MatrixProducts<float[]> products = DenseBackends.singleMatrices("nd4j");
    System.out.printf("ND4J is there after %.0f ms%n", (System.nanoTime() - start) / 1e6);
    for (int[] shape : SHAPES) {
      System.out.printf(
          "%d x %d x %d: %.1f GFLOP/s%n",
          shape[0], shape[1], shape[2], best(products, shape[0], shape[2], shape[1]));
    }
    double[] matrix = new double[ORDER * ORDER];
    Random random = new Random(1);
    for (int i = 0; i < ORDER; i++) {
      for (int j = 0; j <= i; j++) {
        matrix[i + j * ORDER] = random.nextGaussian();
        matrix[j + i * ORDER] = matrix[i + j * ORDER];
      }
    }
    start = System.nanoTime();
    SymmetricEigen.of(matrix, ORDER);
    System.out.printf("eigenvectors of %d: %.0f ms%n", ORDER, (System.nanoTime() - start) / 1e6);
  }

  private static double best(MatrixProducts<float[]> products, int m, int n, int k) {
    float[] a = normal(m * k);
    float[] b = normal(k * n);
    float[] c = new float[m * n];
    double least = Double.POSITIVE_INFINITY;
    for (long end = System.nanoTime() + 1_500_000_000L; System.nanoTime() < end; ) {
      long start = System.nanoTime();
      products.product(
          m, n, k, Operand.of(a, 0, m), Operand.of(b, 0, k), Operand.of(c, 0, m), false);
      least = Math.min(least, System.nanoTime() - start);
    }
    return 2.0 * m * n * k / least;
  }

  private static float[] normal(int length) {
    Random random = new Random(length);
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }
}
