package io.github.sparkbilevel.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.backend.MatrixProducts.Operand;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Products of matrices on the heap against the triple loop, by every backend. */
@Tag("vectors")
class MatrixProductsTest {
  private static final int OFFSET = 3;
  private static final int[][] SHAPES = {{1, 1, 1}, {5, 3, 7}, {16, 10, 1}, {70, 65, 40}};

  static Stream<String> backends() {
    return Stream.of("auto", "jvm", "netlib", "nd4j");
  }

  /** Where an entry of the operand, transposed or not, lies. */
  private static int at(int row, int column, int ld, boolean transposed) {
    return OFFSET + (transposed ? column + row * ld : row + column * ld);
  }

  private interface Check {
    void of(int m, int n, int k, boolean ta, boolean tb, boolean add);
  }

  private static void everyCase(Check check) {
    for (int[] shape : SHAPES) {
      for (int bits = 0; bits < 8; bits++) {
        check.of(shape[0], shape[1], shape[2], (bits & 1) > 0, (bits & 2) > 0, (bits & 4) > 0);
      }
    }
  }

  private static int length(int rows, int columns, int gap) {
    return OFFSET + Math.max(rows, columns) * (Math.max(rows, columns) + gap);
  }

  private static double[] expected(
      int m,
      int n,
      int k,
      Operand<double[]> a,
      Operand<double[]> b,
      double[] before,
      int ldc,
      boolean add) {
    double[] c = before.clone();
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        double sum = add ? before[OFFSET + i + j * ldc] : 0;
        for (int l = 0; l < k; l++) {
          sum +=
              a.values()[at(i, l, a.ld(), a.transposed())]
                  * b.values()[at(l, j, b.ld(), b.transposed())];
        }
        c[OFFSET + i + j * ldc] = sum;
      }
    }
    return c;
  }

  private static Operand<double[]> operand(
      long seed, int rows, int columns, int gap, boolean transposed) {
    double[] values = Naive.gaussian(seed, length(rows, columns, gap));
    int ld = (transposed ? columns : rows) + gap;
    return new Operand<>(values, OFFSET, ld, transposed);
  }

  private static Operand<float[]> rounded(Operand<double[]> of) {
    return new Operand<>(singles(of.values()), of.at(), of.ld(), of.transposed());
  }

  private static float[] singles(double[] values) {
    float[] singles = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      singles[i] = (float) values[i];
    }
    return singles;
  }

  private static double[] doubles(float[] values) {
    double[] doubles = new double[values.length];
    Arrays.setAll(doubles, i -> values[i]);
    return doubles;
  }

  @ParameterizedTest
  @MethodSource("backends")
  void doublesAgreeWithTheTripleLoop(String name) {
    MatrixProducts<double[]> products = DenseBackends.doubleMatrices(name);
    everyCase(
        (m, n, k, ta, tb, add) -> {
          for (int gap : new int[] {0, 2}) {
            Operand<double[]> a = operand(1, m, k, gap, ta);
            Operand<double[]> b = operand(2, k, n, gap, tb);
            double[] c = Naive.gaussian(3, length(m, n, gap));
            double[] expected = expected(m, n, k, a, b, c, m + gap, add);
            products.product(m, n, k, a, b, Operand.of(c, OFFSET, m + gap), add);
            assertArrayEquals(expected, c, 1e-12 * (1 + k), m + " x " + n + " x " + k);
          }
        });
  }

  @ParameterizedTest
  @MethodSource("backends")
  void singlesAgreeWithTheTripleLoop(String name) {
    MatrixProducts<float[]> products = DenseBackends.singleMatrices(name);
    everyCase(
        (m, n, k, ta, tb, add) -> {
          for (int gap : new int[] {0, 2}) {
            Operand<double[]> a = operand(1, m, k, gap, ta);
            Operand<double[]> b = operand(2, k, n, gap, tb);
            float[] c = singles(Naive.gaussian(3, length(m, n, gap)));
            double[] expected = expected(m, n, k, a, b, doubles(c), m + gap, add);
            Operand<float[]> into = Operand.of(c, OFFSET, m + gap);
            products.product(m, n, k, rounded(a), rounded(b), into, add);
            assertArrayEquals(expected, doubles(c), 1e-6 * (1 + k), m + " x " + n + " x " + k);
          }
        });
  }

  @Test
  void whatWasInTheResultDoesNotMatterUnlessItIsAddedTo() {
    backends()
        .forEach(
            name -> {
              double[] c = {Double.NaN};
              Operand<double[]> two = Operand.of(new double[] {2}, 0, 1);
              DenseBackends.doubleMatrices(name)
                  .product(1, 1, 1, two, two, Operand.of(c, 0, 1), false);
              assertEquals(4, c[0], name);
              float[] singles = {Float.NaN};
              Operand<float[]> three = Operand.of(new float[] {3}, 0, 1);
              DenseBackends.singleMatrices(name)
                  .product(1, 1, 1, three, three, Operand.of(singles, 0, 1), false);
              assertEquals(9f, singles[0], name);
            });
  }

  @Test
  void manyShapesInTurnGiveTheSameBitsAsEachAlone() {
    MatrixProducts<float[]> products = DenseBackends.singleMatrices("nd4j");
    float[][] first = new float[30][];
    for (int round = 0; round < 3; round++) {
      for (int n = 1; n <= first.length; n++) {
        float[] c = new float[n * n];
        Operand<float[]> a = Operand.of(singles(Naive.gaussian(n, n * n)), 0, n);
        products.product(n, n, n, a, a.transpose(), Operand.of(c, 0, n), false);
        if (round == 0) {
          first[n - 1] = c;
        }
        assertTrue(Arrays.equals(first[n - 1], c), "order " + n);
      }
    }
  }
}
