package io.github.sparkbilevel.solve;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.DenseReference;
import io.github.sparkbilevel.TestProblems;
import io.github.sparkbilevel.linalg.LinearOperator;
import io.github.sparkbilevel.linalg.Preconditioner;
import io.github.sparkbilevel.solve.ConjugateGradient.Solution;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ConjugateGradientTest {

  /** A matrix as an operator that counts its products. */
  private static final class Counted implements LinearOperator {
    private final double[][] matrix;
    private int products;
    private int columns;

    Counted(double[][] matrix) {
      this.matrix = matrix;
    }

    @Override
    public int size() {
      return matrix.length;
    }

    @Override
    public double[][] applyAll(double[][] all) {
      products++;
      columns += all.length;
      return Arrays.stream(all).map(x -> DenseReference.times(matrix, x)).toArray(double[][]::new);
    }
  }

  private static double[][] hilbert(int n) {
    double[][] h = new double[n][n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        h[i][j] = 1.0 / (i + j + 1);
      }
    }
    return h;
  }

  /** MᵀM + shift · I for a random M. */
  private static double[][] definite(long seed, int n, double shift) {
    double[] m = TestProblems.vector(seed, n * n, 1);
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

  private static double[][] diagonal(double... entries) {
    double[][] a = new double[entries.length][entries.length];
    for (int i = 0; i < entries.length; i++) {
      a[i][i] = entries[i];
    }
    return a;
  }

  private static Solution solve(LinearOperator h, int products, double tolerance, double[]... b) {
    return new ConjugateGradient(products, tolerance).solve(h, b, Preconditioner.identity());
  }

  @ParameterizedTest
  @CsvSource({"2, 1e-12", "5, 1e-9", "8, 1e-6"})
  void solvesTheHilbertMatrix(int n, double tolerance) {
    double[][] hilbert = hilbert(n);
    double[] x = new double[n];
    Arrays.fill(x, 1);
    double[] b = DenseReference.times(hilbert, x);
    Solution solution = solve(new Counted(hilbert), 60, 1e-14, b);
    // The error that matters: in x for a small n, in the residual for an ill-conditioned matrix.
    double[] residual = DenseReference.times(hilbert, solution.columns()[0]);
    assertArrayEquals(b, residual, 1e-13);
    if (n <= 5) {
      assertArrayEquals(x, solution.columns()[0], tolerance);
    }
    assertEquals(Status.CONVERGED, solution.status());
  }

  @Test
  void isExactAfterAsManyProductsAsThereAreEigenvalues() {
    double[][] a = diagonal(1, 1, 1, 4, 4, 9, 9, 9);
    double[] b = TestProblems.vector(3, 8, 1);
    Solution solution = solve(new Counted(a), 3, 0, b);
    assertEquals(3, solution.products());
    for (int j = 0; j < 8; j++) {
      assertEquals(b[j] / a[j][j], solution.columns()[0][j], 1e-13);
    }
  }

  @Test
  void knownIteratesOfTwoUnknowns() {
    // A = [4 1; 1 3], b = [1 2]: x₁ = b · 5/20, x₂ = (1/11, 7/11).
    Counted a = new Counted(new double[][] {{4, 1}, {1, 3}});
    double[] b = {1, 2};
    Solution first = solve(a, 1, 0, b);
    assertArrayEquals(new double[] {0.25, 0.5}, first.columns()[0], 1e-15);
    assertEquals(Status.BUDGET_SPENT, first.status());
    assertEquals(Math.hypot(0.5, 0.25) / Math.hypot(1, 2), first.residuals()[0], 1e-15);
    assertArrayEquals(new double[] {1.0 / 11, 7.0 / 11}, solve(a, 2, 1e-12, b).columns()[0], 1e-15);
  }

  @Test
  void oneProductServesAllColumns() {
    Counted a = new Counted(definite(5, 12, 0.5));
    double[][] b = {
      TestProblems.vector(6, 12, 1), TestProblems.vector(7, 12, 30), TestProblems.vector(8, 12, 1)
    };
    Solution together = new ConjugateGradient(4, 0).solve(a, b, Preconditioner.identity());
    assertEquals(4, a.products);
    assertEquals(12, a.columns);
    assertEquals(4, together.products());
    for (int c = 0; c < b.length; c++) {
      assertArrayEquals(solve(a, 4, 0, b[c]).columns()[0], together.columns()[c], 0);
    }
  }

  @Test
  void columnsThatAreDoneCostNoMore() {
    Counted a = new Counted(diagonal(1, 2, 3, 4));
    Solution solution =
        solve(a, 10, 1e-12, new double[] {0, 1, 0, 0}, new double[] {1, 1, 1, 1}, new double[4]);
    assertEquals(4, solution.products());
    assertEquals(1 + 4, a.columns);
    assertEquals(Status.CONVERGED, solution.status());
    assertArrayEquals(new double[] {0, 0.5, 0, 0}, solution.columns()[0], 1e-15);
  }

  @Test
  void zeroRightHandSideIsSolvedByZeroWithoutAProduct() {
    Counted a = new Counted(diagonal(1, 2));
    Solution solution = solve(a, 10, 1e-6, new double[2]);
    assertEquals(0, solution.products());
    assertEquals(0, a.products);
    assertEquals(Status.CONVERGED, solution.status());
    assertArrayEquals(new double[2], solution.columns()[0], 0);
    assertArrayEquals(new double[1], solution.residuals(), 0);
  }

  @Test
  void exactPreconditionerNeedsOneProduct() {
    double[][] a = definite(9, 20, 0.1);
    Preconditioner inverse = r -> DenseReference.eliminate(a, r, 20);
    double[] b = TestProblems.vector(10, 20, 1);
    Solution solution =
        new ConjugateGradient(20, 1e-9).solve(new Counted(a), new double[][] {b}, inverse);
    assertEquals(1, solution.products());
    assertEquals(Status.CONVERGED, solution.status());
    assertArrayEquals(inverse.solve(b), solution.columns()[0], 1e-8);
  }

  @Test
  void anyPreconditionerLeadsToTheSameSolution() {
    double[][] a = definite(11, 15, 0.3);
    double[] b = TestProblems.vector(12, 15, 1);
    Preconditioner jacobi =
        r -> {
          double[] z = r.clone();
          Arrays.setAll(z, j -> r[j] / a[j][j]);
          return z;
        };
    Solution solution =
        new ConjugateGradient(200, 1e-13).solve(new Counted(a), new double[][] {b}, jacobi);
    assertArrayEquals(DenseReference.eliminate(a, b, 15), solution.columns()[0], 1e-9);
    assertTrue(solution.residuals()[0] <= 1e-13);
  }

  @Test
  void negativeCurvatureKeepsTheIterateAndTheOtherColumns() {
    Counted a = new Counted(diagonal(2, 1, -1));
    double[] good = {1, 1, 0};
    double[] bad = {0, 0, 1};
    Solution solution = solve(a, 10, 1e-12, bad, good);
    assertEquals(Status.NEGATIVE_CURVATURE, solution.status());
    assertArrayEquals(new double[3], solution.columns()[0], 0);
    assertArrayEquals(new double[] {0.5, 1, 0}, solution.columns()[1], 1e-14);
  }

  @Test
  void singularDirectionIsNegativeCurvatureAndNotADivisionByZero() {
    Solution solution = solve(new Counted(diagonal(1, 0)), 5, 1e-12, new double[] {0, 1});
    assertEquals(Status.NEGATIVE_CURVATURE, solution.status());
    assertArrayEquals(new double[2], solution.columns()[0], 0);
  }

  @Test
  void numbersThatAreNotFiniteAreAStatus() {
    double[] one = {1, 1};
    Counted nan = new Counted(diagonal(1, Double.NaN));
    assertEquals(Status.NOT_FINITE, solve(nan, 5, 1e-9, one).status());
    assertArrayEquals(new double[2], solve(nan, 5, 1e-9, one).columns()[0], 0);
    Counted fine = new Counted(diagonal(1, 2));
    for (double wrong : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
      assertEquals(Status.NOT_FINITE, solve(fine, 5, 1e-9, new double[] {wrong, 1}).status());
    }
    Preconditioner broken = r -> new double[] {Double.NaN, 0};
    assertEquals(
        Status.NOT_FINITE,
        new ConjugateGradient(5, 1e-9).solve(fine, new double[][] {one}, broken).status());
    assertEquals(0, fine.products);
  }

  @Test
  void preconditionerThatIsNotDefiniteIsABreakdown() {
    Preconditioner negative = r -> new double[] {-r[0], -r[1]};
    Solution solution =
        new ConjugateGradient(5, 1e-9)
            .solve(new Counted(diagonal(1, 2)), new double[][] {{1, 1}}, negative);
    assertEquals(Status.BREAKDOWN, solution.status());
  }

  @Test
  void argumentsAreNotChanged() {
    double[] b = TestProblems.vector(13, 6, 1);
    double[] before = b.clone();
    solve(new Counted(definite(14, 6, 1)), 6, 1e-12, b);
    assertArrayEquals(before, b, 0);
  }

  @ParameterizedTest
  @CsvSource({"0, 1e-6", "-1, 1e-6", "5, -1e-9", "5, NaN"})
  void solverThatCannotStopOrActIsRefused(int products, double tolerance) {
    assertThrows(IllegalArgumentException.class, () -> new ConjugateGradient(products, tolerance));
  }

  @ParameterizedTest
  @EnumSource(Status.class)
  void everyStatusCarriesAdvice(Status status) {
    assertTrue(status.advice().length() > 20, status.advice());
    assertTrue(Character.isLowerCase(status.advice().charAt(0)), "a clause");
    assertFalse(status.advice().endsWith("."), "a clause");
  }

  @Test
  void onlyFailuresAreNotUsable() {
    assertTrue(Status.CONVERGED.isUsable());
    assertTrue(Status.BUDGET_SPENT.isUsable());
    assertTrue(Status.STALLED.isUsable());
    assertFalse(Status.NEGATIVE_CURVATURE.isUsable());
    assertFalse(Status.BREAKDOWN.isUsable());
    assertFalse(Status.NOT_FINITE.isUsable());
  }
}
