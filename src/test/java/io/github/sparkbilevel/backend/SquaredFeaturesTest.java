package io.github.sparkbilevel.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.github.sparkbilevel.block.CsrFeatures;
import io.github.sparkbilevel.block.DenseFeatures;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The sums take the rows one by one in their order, to the last bit. */
class SquaredFeaturesTest {
  private static final int AT = 3;

  private static double[] out(int p, int k) {
    return Naive.gaussian(5, AT + (p + 2) * k);
  }

  /**
   * Sums a_ij (a_ij − 2 m_j), column after column; behind them what the shift adds for all rows.
   */
  private static double[] expected(
      double[] a, double[] shift, int n, int p, double[] w, int k, double[] out) {
    double[] sums = out.clone();
    for (int c = 0; c < k; c++) {
      double total = 0;
      for (int i = 0; i < n; i++) {
        total += w[i * k + c];
        for (int j = 0; j < p; j++) {
          double value = a[i * p + j];
          double twice = shift == null ? 0 : 2 * shift[j];
          if (value != 0) {
            sums[AT + c * (p + 2) + j] += w[i * k + c] * value * (value - twice);
          }
        }
      }
      for (int j = 0; shift != null && j < p; j++) {
        sums[AT + c * (p + 2) + j] += total * shift[j] * shift[j];
      }
    }
    return sums;
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 1", "7, 5, 3", "40, 33, 26", "5000, 4, 2", "9, 70, 1", "3, 9000, 2"})
  void denseRowsAreAddedInTheirOrder(int n, int p, int k) {
    double[] a = Naive.values(1, n, p);
    double[] w = Naive.gaussian(2, n * k);
    for (boolean single : new boolean[] {true, false}) {
      DenseFeatures features = Naive.dense(a, n, p, single);
      double[] out = out(p, k);
      double[] expected = expected(a, null, n, p, w, k, out);
      SquaredFeatures.addTransposed(features, w, k, out, AT, p + 2);
      assertArrayEquals(expected, out);
    }
  }

  @ParameterizedTest
  @CsvSource({"2, 1, 1", "7, 5, 3", "40, 33, 26", "400, 4, 2", "9, 70, 1", "3, 200, 5"})
  void sparseRowsAreAddedInTheirOrder(int n, int p, int k) {
    double[] w = Naive.gaussian(2, n * k);
    for (double[] shift : new double[][] {null, Naive.gaussian(3, p)}) {
      // Few entries go through strides, many through rows of sums.
      for (double density : new double[] {0.1, 0.9}) {
        CsrFeatures features = Naive.sparse(4, n, p, density, shift);
        double[] stored =
            Naive.densify(
                new CsrFeatures(
                    p, features.rowStart(), features.indices(), features.values(), null));
        double[] out = out(p, k);
        double[] expected = expected(stored, shift, n, p, w, k, out);
        SquaredFeatures.addTransposed(features, w, k, out, AT, p + 2);
        assertArrayEquals(expected, out);
      }
    }
  }
}
