package io.github.sparkbilevel.linalg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.TestProblems;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("vectors")
class CholeskyTest {

  /** L with a diagonal of 1 … 2 and small entries below it; column-major. */
  private static double[] lower(int n) {
    double[] l = TestProblems.vector(n, n * n, 0.3);
    for (int j = 0; j < n; j++) {
      Arrays.fill(l, j * n, j * n + j, 0);
      l[j + j * n] = 1.5 + l[j + j * n];
    }
    return l;
  }

  /** L Lᵀ, column-major. */
  private static double[] product(double[] l, int n) {
    double[] a = new double[n * n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        for (int k = 0; k <= Math.min(i, j); k++) {
          a[i + j * n] += l[i + k * n] * l[j + k * n];
        }
      }
    }
    return a;
  }

  private static double[] times(double[] a, int n, double[] x) {
    double[] y = new double[n];
    for (int j = 0; j < n; j++) {
      for (int i = 0; i < n; i++) {
        y[i] += a[i + j * n] * x[j];
      }
    }
    return y;
  }

  private static double[] hilbert(int n) {
    double[] h = new double[n * n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        h[i + j * n] = 1.0 / (i + j + 1);
      }
    }
    return h;
  }

  /** The entry (i, j), from 1, of the inverse Hilbert matrix: an integer. */
  private static double inverseHilbert(int n, int i, int j) {
    double c = binomial(i + j - 2, i - 1);
    double sign = (i + j) % 2 == 0 ? 1 : -1;
    return sign * (i + j - 1) * binomial(n + i - 1, n - j) * binomial(n + j - 1, n - i) * c * c;
  }

  private static double binomial(int n, int k) {
    double result = 1;
    for (int i = 1; i <= k; i++) {
      result = result * (n - k + i) / i;
    }
    return Math.rint(result);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 63, 64, 65, 127, 128, 129, 200})
  void solvesWithAKnownFactor(int n) {
    double[] a = product(lower(n), n);
    double[] x = TestProblems.vector(7, n, 1);
    double[] b = times(a, n, x);
    Cholesky cholesky = Cholesky.factor(a, n).orElseThrow();
    double[] got = cholesky.solve(b);
    // Relative residual: the matrix of a large n is far from well conditioned.
    double[] residual = Vectors.plus(times(a, n, got), -1, b);
    assertTrue(Vectors.normInf(residual) <= 1e-12 * Vectors.normInf(b));
    if (n <= 65) {
      assertArrayEquals(x, got, 1e-6);
    }
  }

  @Test
  void invertsTheHilbertMatrixOfOrderEight() {
    int n = 8;
    Cholesky cholesky = Cholesky.factor(hilbert(n), n).orElseThrow();
    assertEquals(64, inverseHilbert(n, 1, 1));
    double worst = 0;
    for (int j = 0; j < n; j++) {
      double[] unit = new double[n];
      unit[j] = 1;
      double[] column = cholesky.solve(unit);
      for (int i = 0; i < n; i++) {
        double expected = inverseHilbert(n, i + 1, j + 1);
        worst = Math.max(worst, Math.abs(column[i] / expected - 1));
      }
    }
    // κ = 1.5e10, so that six digits are what float64 can hold.
    assertTrue(worst <= 1e-5, "" + worst);
  }

  @Test
  void readsTheLowerTriangleOnlyAndChangesNothing() {
    int n = 70;
    double[] a = product(lower(n), n);
    double[] b = TestProblems.vector(8, n, 1);
    double[] expected = Cholesky.factor(a, n).orElseThrow().solve(b);
    double[] half = a.clone();
    for (int j = 0; j < n; j++) {
      Arrays.fill(half, j * n, j * n + j, Double.NaN);
    }
    double[] before = half.clone();
    double[] right = b.clone();
    assertArrayEquals(expected, Cholesky.factor(half, n).orElseThrow().solve(right), 0);
    assertArrayEquals(before, half, 0);
    assertArrayEquals(b, right, 0);
  }

  @Test
  void solvesInPlaceBehindAnOffset() {
    int n = 5;
    Cholesky cholesky = Cholesky.factor(product(lower(n), n), n).orElseThrow();
    double[] b = TestProblems.vector(9, n, 1);
    double[] wide = {7, 7, b[0], b[1], b[2], b[3], b[4], 7};
    cholesky.solveInPlace(wide, 2);
    assertArrayEquals(cholesky.solve(b), Vectors.slice(wide, 2, n), 0);
    assertArrayEquals(new double[] {7, 7, 7}, new double[] {wide[0], wide[1], wide[7]}, 0);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 64, 65, 130})
  void matrixThatIsNotDefiniteHasNoFactor(int n) {
    for (int at : new int[] {0, n / 2, n - 1}) {
      for (double pivot : new double[] {-1e-3, Double.NaN, Double.POSITIVE_INFINITY}) {
        double[] a = product(lower(n), n);
        a[at + at * n] = pivot;
        assertTrue(Cholesky.factor(a, n).isEmpty(), at + ": " + pivot);
      }
    }
    assertTrue(Cholesky.factor(new double[n * n], n).isEmpty(), "the zero matrix");
  }

  @Test
  void singularMatrixHasNoFactor() {
    assertTrue(Cholesky.factor(new double[] {1, 1, 1, 1}, 2).isEmpty());
  }

  @Test
  void sizeThatDoesNotFitIsRefused() {
    double[] a = new double[5];
    assertThrows(IllegalArgumentException.class, () -> Cholesky.factor(a, 2));
  }
}
