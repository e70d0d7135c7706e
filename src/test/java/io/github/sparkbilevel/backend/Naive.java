package io.github.sparkbilevel.backend;

import io.github.sparkbilevel.block.CsrFeatures;
import io.github.sparkbilevel.block.DenseFeatures;
import java.util.Random;

/** The known answers: triple loops over a matrix in float64, and random operands for them. */
final class Naive {
  private Naive() {}

  /** Row-major values that are exact in float32, so that both precisions stand for one matrix. */
  static double[] values(long seed, int rows, int columns) {
    Random random = new Random(seed);
    double[] a = new double[rows * columns];
    for (int i = 0; i < a.length; i++) {
      a[i] = (float) random.nextGaussian();
    }
    return a;
  }

  static double[] gaussian(long seed, int length) {
    return new Random(seed).doubles(length, -1.5, 1.5).toArray();
  }

  static DenseFeatures dense(double[] a, int rows, int columns, boolean single) {
    if (!single) {
      return DenseFeatures.ofDoubles(rows, columns, a);
    }
    float[] singles = new float[a.length];
    for (int i = 0; i < a.length; i++) {
      singles[i] = (float) a[i];
    }
    return DenseFeatures.ofFloats(rows, columns, singles);
  }

  /** Sparse rows with about {@code density} of the entries; row 1 is empty. */
  static CsrFeatures sparse(long seed, int rows, int columns, double density, double[] shift) {
    Random random = new Random(seed);
    int[] rowStart = new int[rows + 1];
    int[] indices = new int[rows * columns];
    double[] values = new double[rows * columns];
    int at = 0;
    for (int i = 0; i < rows; i++) {
      for (int t = 0; t < columns; t++) {
        if (i != 1 && random.nextDouble() < density) {
          indices[at] = t;
          values[at++] = random.nextGaussian();
        }
      }
      rowStart[i + 1] = at;
    }
    return new CsrFeatures(
        columns,
        rowStart,
        java.util.Arrays.copyOf(indices, at),
        java.util.Arrays.copyOf(values, at),
        shift);
  }

  /** The matrix that sparse rows stand for, row-major. */
  static double[] densify(CsrFeatures sparse) {
    int p = sparse.columns();
    double[] a = new double[sparse.rows() * p];
    for (int i = 0; i < sparse.rows(); i++) {
      for (int e = sparse.rowStart()[i]; e < sparse.rowStart()[i + 1]; e++) {
        a[i * p + sparse.indices()[e]] += sparse.values()[e];
      }
      for (int t = 0; sparse.shift() != null && t < p; t++) {
        a[i * p + t] -= sparse.shift()[t];
      }
    }
    return a;
  }

  static void multiply(
      double[] a, int p, int from, int n, double[] c, int cOffset, int ldc, int k, double[] z) {
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < k; j++) {
        double sum = 0;
        for (int t = 0; t < p; t++) {
          sum += a[(from + i) * p + t] * c[cOffset + j * ldc + t];
        }
        z[i + j * n] = sum;
      }
    }
  }

  static void addTransposed(
      double[] a, int p, int from, int n, double[] r, int k, double[] out, int offset, int ld) {
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < k; j++) {
        for (int t = 0; t < p; t++) {
          out[offset + j * ld + t] += a[(from + i) * p + t] * r[i + j * n];
        }
      }
    }
  }

  static void addGram(
      double[] a, int p, int from, int n, double[] w, double[] out, int offset, int ld) {
    for (int i = from; i < from + n; i++) {
      for (int j = 0; j < p; j++) {
        for (int t = 0; t < p; t++) {
          out[offset + j * ld + t] += w[i - from] * a[i * p + t] * a[i * p + j];
        }
      }
    }
  }
}
