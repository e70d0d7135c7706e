package io.github.sparkbilevel.curvature;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.DenseReference;
import io.github.sparkbilevel.TestProblems;
import io.github.sparkbilevel.linalg.Vectors;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DenseSolverTest {

  private static double[][] definite(int n, double shift) {
    double[] m = TestProblems.vector(n, n * n, 1);
    double[][] a = new double[n][n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        for (int l = 0; l < n; l++) {
          a[i][j] += m[l * n + i] * m[l * n + j];
        }
      }
      a[i][i] += shift;
    }
    return a;
  }

  private static double[] flat(double[][] symmetric) {
    return Arrays.stream(symmetric).flatMapToDouble(Arrays::stream).toArray();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 64, 90})
  void isTheInverseOfTheDampedMatrix(int n) {
    double[][] a = definite(n, 0.5);
    double[] h = flat(a);
    double[] before = h.clone();
    for (double damping : new double[] {0, 2}) {
      double[] x = TestProblems.vector(3, n, 1);
      double[] b = Vectors.plus(DenseReference.times(a, x), damping, x);
      double[] right = b.clone();
      double[] got = DenseSolver.factor(h, n, null, damping).orElseThrow().solve(right);
      assertArrayEquals(x, got, 1e-10);
      assertArrayEquals(b, right, 0);
    }
    assertArrayEquals(before, h, 0);
  }

  @Test
  void singularAlongAKnownDirectionIsSolvedAwayFromIt() {
    int n = 12;
    double[] e = TestProblems.vector(5, n, 1);
    // H = P M P with P = I − eeᵀ/⟨e, e⟩.
    double[][] m = definite(n, 0.5);
    double[][] h = new double[n][n];
    for (int j = 0; j < n; j++) {
      double[] unit = new double[n];
      unit[j] = 1;
      double[] column = off(e, DenseReference.times(m, off(e, unit)));
      for (int i = 0; i < n; i++) {
        h[i][j] = column[i];
      }
    }
    double[] x = off(e, TestProblems.vector(6, n, 1));
    double[] b = DenseReference.times(h, x);
    double[] got = DenseSolver.factor(flat(h), n, e, 0).orElseThrow().solve(b);
    assertArrayEquals(x, got, 1e-10);
    assertEquals(0, Vectors.dot(e, got), 1e-10);
    assertTrue(DenseSolver.factor(new double[n * n], n, null, 0).isEmpty());
  }

  private static double[] off(double[] e, double[] x) {
    return Vectors.plus(x, -Vectors.dot(e, x) / Vectors.dot(e, e), e);
  }

  @Test
  void matrixThatIsNotDefiniteHasNoInverseUntilItIsDamped() {
    double[] h = {1, 0, 0, -1};
    assertTrue(DenseSolver.factor(h, 2, null, 0).isEmpty());
    assertTrue(DenseSolver.factor(h, 2, null, 0.5).isEmpty());
    double[] x = DenseSolver.factor(h, 2, null, 1.5).orElseThrow().solve(new double[] {5, 1});
    assertArrayEquals(new double[] {2, 2}, x, 1e-14);
    assertTrue(DenseSolver.factor(new double[] {Double.NaN}, 1, null, 1).isEmpty());
  }

  @Test
  void refinementLeavesAResidualAtRounding() {
    int n = 8;
    double[][] hilbert = new double[n][n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        hilbert[i][j] = 1.0 / (i + j + 1);
      }
    }
    double[] b = DenseReference.times(hilbert, DenseReference.filled(n, 1));
    double[] x = DenseSolver.factor(flat(hilbert), n, null, 0).orElseThrow().solve(b);
    assertArrayEquals(b, DenseReference.times(hilbert, x), 1e-15 * 4);
  }

  /** The last column is the sum of the first two: rounding alone decides the sign of its pivot. */
  @Test
  void singularButForRoundingIsNotSolved() {
    for (int seed = 0; seed < 20; seed++) {
      int n = 4;
      double[] x = TestProblems.vector(seed, 3 * 50, 1);
      double[][] columns = new double[n][50];
      for (int i = 0; i < 50; i++) {
        for (int j = 0; j < 3; j++) {
          columns[j][i] = x[3 * i + j];
        }
        columns[3][i] = columns[0][i] + columns[1][i];
      }
      double[] h = new double[n * n];
      for (int k = 0; k < n; k++) {
        for (int j = 0; j < n; j++) {
          h[j + k * n] = Vectors.dot(columns[j], columns[k]) / 50;
        }
      }
      assertTrue(DenseSolver.factor(h, n, null, 0).isEmpty());
      assertTrue(DenseSolver.factor(h, n, null, 1e-10).isPresent());
    }
  }

  /** Entries beside e may be as large as penalties make them. */
  @Test
  void hugeEntriesDoNotHideTheDirectionOfOthers() {
    double[] e = {0, 0, 1, 1};
    double[] h = {1e21, 0, 0, 0, 0, 1e21, 0, 0, 0, 0, 0.25, -0.25, 0, 0, -0.25, 0.25};
    double[] x = DenseSolver.factor(h, 4, e, 0).orElseThrow().solve(new double[] {1, 0, 1, -1});
    assertArrayEquals(new double[] {1e-21, 0, 2, -2}, x, 1e-12);
  }
}
