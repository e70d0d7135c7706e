package io.github.sparkbilevel.linalg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.TestProblems;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("vectors")
class SymmetricEigenTest {

  @Test
  void knownValuesOfTheSecondDifference() {
    int n = 9;
    double[] a = new double[n * n];
    for (int j = 0; j < n; j++) {
      a[j + j * n] = 2;
      if (j + 1 < n) {
        a[j + 1 + j * n] = -1;
        a[j + (j + 1) * n] = -1;
      }
    }
    double[] values = SymmetricEigen.of(a, n).values();
    for (int k = 0; k < n; k++) {
      assertEquals(2 - 2 * Math.cos(Math.PI * (k + 1) / (n + 1)), values[k], 1e-14);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5, 26, 127, 128, 200})
  void vectorsAreOrthonormalAndMakeTheMatrixAgain(int n) {
    double[] a = TestProblems.vector(n, n * n, 1);
    for (int j = 0; j < n; j++) {
      for (int i = 0; i < j; i++) {
        a[i + j * n] = a[j + i * n];
      }
    }
    double[] before = a.clone();
    SymmetricEigen eigen = SymmetricEigen.of(a, n);
    assertArrayEquals(before, a, 0);
    double[] q = eigen.vectors();
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        double entry = 0;
        double dot = 0;
        for (int k = 0; k < n; k++) {
          entry += q[i + k * n] * eigen.values()[k] * q[j + k * n];
          dot += q[k + i * n] * q[k + j * n];
        }
        assertEquals(a[i + j * n], entry, 1e-13 * n);
        assertEquals(i == j ? 1 : 0, dot, 1e-14 * n);
      }
      assertTrue(i == 0 || eigen.values()[i - 1] <= eigen.values()[i]);
    }
  }

  @Test
  void entryThatIsNotFiniteIsRefused() {
    double[] a = {1, Double.NaN, 0, 1};
    assertThrows(ArithmeticException.class, () -> SymmetricEigen.of(a, 2));
  }

  @Test
  void vectorsOfPlainArrays() {
    double[] x = {3, -4};
    double[] y = {1, 2};
    assertEquals(-5, Vectors.dot(x, y));
    assertEquals(5, Vectors.norm(x));
    assertEquals(4, Vectors.normInf(x));
    assertEquals(0, Vectors.normInf(new double[0]));
    assertTrue(Double.isNaN(Vectors.normInf(new double[] {1, Double.NaN, 2})));
    assertArrayEquals(new double[] {5, 0}, Vectors.plus(x, 2, y));
    assertArrayEquals(new double[] {-6, 8}, Vectors.scaled(-2, x));
    assertArrayEquals(new double[] {-4}, Vectors.slice(x, 1, 1));
    assertArrayEquals(new double[] {3, -4}, x);
    assertTrue(Vectors.isFinite(x));
    assertFalse(Vectors.isFinite(new double[] {0, Double.NEGATIVE_INFINITY}));
  }
}
