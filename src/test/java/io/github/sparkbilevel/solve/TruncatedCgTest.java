package io.github.sparkbilevel.solve;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.linalg.LinearOperator;
import io.github.sparkbilevel.linalg.Preconditioner;
import io.github.sparkbilevel.linalg.Vectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The trust-region problem of diagonal operators, whose preconditioners are diagonal too. */
class TruncatedCgTest {
  private static final double[] B = {1, -2, 3, 0.5};
  private static final double[] M = {2, 1, 4, 8};

  private static LinearOperator diagonal(double... h) {
    return new LinearOperator() {
      @Override
      public int size() {
        return h.length;
      }

      @Override
      public double[][] applyAll(double[][] columns) {
        double[][] images = new double[columns.length][h.length];
        for (int c = 0; c < columns.length; c++) {
          for (int i = 0; i < h.length; i++) {
            images[c][i] = h[i] * columns[c][i];
          }
        }
        return images;
      }
    };
  }

  private static Preconditioner inverse(double... m) {
    return r -> {
      double[] z = r.clone();
      for (int i = 0; i < z.length; i++) {
        z[i] /= m[i];
      }
      return z;
    };
  }

  private static double length(double[] x) {
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      sum += M[i] * x[i] * x[i];
    }
    return Math.sqrt(sum);
  }

  private static double model(double[] h, double[] x) {
    double[] hx = diagonal(h).apply(x);
    return 0.5 * Vectors.dot(x, hx) - Vectors.dot(B, x);
  }

  @Test
  void insideTheRegionItIsConjugateGradients() {
    double[] h = {1, 2, 3, 4};
    var step = new TruncatedCg(10, 1e-12).solve(diagonal(h), B, inverse(M), 100);
    assertArrayEquals(new double[] {1, -1, 1, 0.125}, step.x(), 1e-12);
    assertEquals(Status.CONVERGED, step.status());
    assertTrue(step.length() < 100);
    assertEquals(3, step.products(), "as many as M⁻¹H has eigenvalues");
    assertEquals(length(step.x()), step.length(), 1e-12);
  }

  @ParameterizedTest
  @ValueSource(doubles = {1e-3, 0.3, 1, 2})
  void onTheEdgeTheLengthIsTheRadiusAndTheModelFalls(double radius) {
    for (double[] h :
        new double[][] {{1, 2, 3, 4}, {1, -2, 3, 4}, {-1, -2, -3, -4}, new double[4]}) {
      var step = new TruncatedCg(10, 1e-12).solve(diagonal(h), B, inverse(M), radius);
      assertEquals(radius, length(step.x()), 1e-10 * radius);
      assertEquals(radius, step.length());
      double[] remainder = Vectors.plus(B, -1, diagonal(h).apply(step.x()));
      assertArrayEquals(remainder, step.remainder(), 1e-12);
      // At least what the best step along M⁻¹b gains.
      double[] steepest = inverse(M).solve(B);
      double most = radius / length(steepest);
      double curvature = Vectors.dot(steepest, diagonal(h).apply(steepest));
      double t = curvature > 0 ? Math.min(most, Vectors.dot(B, steepest) / curvature) : most;
      double cauchy = model(h, Vectors.scaled(t, steepest));
      assertTrue(model(h, step.x()) <= cauchy + 1e-12);
    }
  }

  @Test
  void budgetAndBadNumbersAreStatuses() {
    var cut = new TruncatedCg(2, 1e-12).solve(diagonal(1, 2, 3, 4), B, r -> r.clone(), 100);
    assertEquals(Status.BUDGET_SPENT, cut.status());
    assertEquals(2, cut.products());
    var bad = new TruncatedCg(9, 1e-12).solve(diagonal(1, Double.NaN, 3, 4), B, r -> r.clone(), 9);
    assertEquals(Status.NOT_FINITE, bad.status());
    assertArrayEquals(new double[4], bad.x());
    var indefinite =
        new TruncatedCg(9, 1e-12).solve(diagonal(1, 2, 3, 4), B, inverse(-1, -1, -1, -1), 9);
    assertEquals(Status.BREAKDOWN, indefinite.status());
    var none = new TruncatedCg(9, 1e-12).solve(diagonal(1, 2, 3, 4), new double[4], inverse(M), 9);
    assertEquals(0, none.products());
  }

  @Test
  void misuseIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> new TruncatedCg(0, 0.1));
    assertThrows(IllegalArgumentException.class, () -> new TruncatedCg(1, Double.NaN));
    var cg = new TruncatedCg(1, 0.1);
    LinearOperator h = diagonal(1, 2, 3, 4);
    assertThrows(IllegalArgumentException.class, () -> cg.solve(h, B, inverse(M), 0));
    assertThrows(IllegalArgumentException.class, () -> cg.solve(h, B, inverse(M), Double.NaN));
  }
}
