package io.github.sparkbilevel.curvature;

import static io.github.sparkbilevel.DenseReference.distance;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.DenseReference;
import io.github.sparkbilevel.TestProblems;
import io.github.sparkbilevel.linalg.KroneckerFactors;
import io.github.sparkbilevel.linalg.Vectors;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Exact where H is B ⊗ A + diag(c) + δI with a c that all outputs share. */
class KroneckerPreconditionerTest {
  private static final int Q = 5;
  private static final int K = 4;

  /** MᵀM / n of a random M, column-major. */
  private static double[] definite(long seed, int n) {
    double[] m = TestProblems.vector(seed, n * n, 1);
    double[] a = new double[n * n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        for (int l = 0; l < n; l++) {
          a[i + j * n] += m[l + i * n] * m[l + j * n] / n;
        }
      }
    }
    return a;
  }

  /** diag(p) − ppᵀ: the curvature of softmax, singular along (1, …, 1). */
  private static double[] softmaxCurvature(double... p) {
    double[] b = new double[p.length * p.length];
    for (int i = 0; i < p.length; i++) {
      for (int j = 0; j < p.length; j++) {
        b[i + j * p.length] = (i == j ? p[i] : 0) - p[i] * p[j];
      }
    }
    return b;
  }

  private static double[][] dense(double[] a, double[] b, double[] c, double damping) {
    int q = (int) Math.sqrt(a.length);
    int k = (int) Math.sqrt(b.length);
    double[][] h = new double[q * k][q * k];
    for (int i = 0; i < q * k; i++) {
      for (int j = 0; j < q * k; j++) {
        h[i][j] = b[i / q + j / q * k] * a[i % q + j % q * q];
      }
      h[i][i] += c[i] + damping;
    }
    return h;
  }

  /** One strength for each coefficient, 0 for the last: an intercept. */
  private static double[] penalty(double strength, boolean withIntercept) {
    double[] c = new double[Q * K];
    Arrays.setAll(c, j -> j % Q == Q - 1 && withIntercept ? 0 : strength * (1 + 0.3 * (j % Q)));
    return c;
  }

  @ParameterizedTest
  @CsvSource({"0.1, 0, false", "0.1, 0, true", "1e-4, 0.02, true", "0, 0.5, false", "3, 0, true"})
  void isTheInverseOfAKroneckerProductWithADiagonal(
      double strength, double damping, boolean withIntercept) {
    double[] a = definite(1, Q);
    double[] b = definite(2, K);
    double[] c = penalty(strength, withIntercept);
    var m = KroneckerPreconditioner.factor(new KroneckerFactors(a, b), c, damping).orElseThrow();
    double[][] h = dense(a, b, c, damping);
    for (long seed = 3; seed < 6; seed++) {
      double[] x = TestProblems.vector(seed, Q * K, 1);
      double error = distance(m.solve(DenseReference.times(h, x)), x);
      assertTrue(error <= 1e-5, "" + error);
    }
    if (strength >= 0.1 || damping > 0) {
      double[] x = TestProblems.vector(9, Q * K, 1);
      assertTrue(distance(m.solve(DenseReference.times(h, x)), x) <= 1e-6);
    }
  }

  @Test
  void singularOutputsWithAFreeInterceptAreInvertedUpToTheirCommonShift() {
    double[] a = definite(11, Q);
    double[] b = softmaxCurvature(0.1, 0.2, 0.3, 0.4);
    double[] c = penalty(0.05, true);
    var m = KroneckerPreconditioner.factor(new KroneckerFactors(a, b), c, 0).orElseThrow();
    double[][] h = dense(a, b, c, 0);
    double[] r = DenseReference.times(h, TestProblems.vector(12, Q * K, 1));
    assertTrue(distance(DenseReference.times(h, m.solve(r)), r) <= 1e-7);
    // A residual along the shift is rounding; it must not become a large step.
    double[] shift = new double[Q * K];
    for (int j = Q - 1; j < shift.length; j += Q) {
      shift[j] = 1;
    }
    assertTrue(Vectors.norm(m.solve(shift)) <= 100 * Vectors.norm(shift));
  }

  @Test
  void stackedModelsAreEachAlone() {
    double[] a = definite(21, Q);
    double[] b = softmaxCurvature(0.25, 0.25, 0.3, 0.2);
    double[] one = penalty(0.2, true);
    double[] three = new double[3 * one.length];
    double[] r = TestProblems.vector(22, three.length, 1);
    for (int model = 0; model < 3; model++) {
      System.arraycopy(one, 0, three, model * one.length, one.length);
    }
    KroneckerFactors factors = new KroneckerFactors(a, b);
    double[] together = KroneckerPreconditioner.factor(factors, three, 0.01).orElseThrow().solve(r);
    var alone = KroneckerPreconditioner.factor(factors, one, 0.01).orElseThrow();
    for (int model = 0; model < 3; model++) {
      double[] part = Vectors.slice(r, model * one.length, one.length);
      assertTrue(
          distance(Vectors.slice(together, model * one.length, one.length), alone.solve(part))
              <= 1e-10);
    }
  }

  @Test
  void isSymmetricAndPositiveWhereEigenvaluesNearlyAgree() {
    double[] b = new double[K * K];
    double[] near = {1, 1.0004, 1.0009, 2};
    for (int k = 0; k < K; k++) {
      b[k + k * K] = near[k];
    }
    double[] c = penalty(0.1, true);
    var m =
        KroneckerPreconditioner.factor(new KroneckerFactors(definite(31, Q), b), c, 0)
            .orElseThrow();
    double[] x = TestProblems.vector(32, Q * K, 1);
    double[] y = TestProblems.vector(33, Q * K, 1);
    double left = Vectors.dot(x, m.solve(y));
    assertEquals(left, Vectors.dot(y, m.solve(x)), 1e-10 * Math.abs(left));
    assertTrue(Vectors.dot(x, m.solve(x)) > 0);
    double[][] h = dense(definite(31, Q), b, c, 0);
    assertTrue(distance(m.solve(DenseReference.times(h, x)), x) <= 1e-2, "they share a factor");
  }

  @Test
  void penaltiesThatDifferBetweenOutputsCountByTheirMean() {
    double[] a = definite(41, Q);
    double[] b = definite(42, K);
    double[] differing = new double[Q * K];
    double[] mean = new double[Q * K];
    for (int j = 0; j < differing.length; j++) {
      differing[j] = 1 + j / Q;
      mean[j] = 2.5;
    }
    KroneckerFactors factors = new KroneckerFactors(a, b);
    double[] r = TestProblems.vector(43, Q * K, 1);
    assertArrayEquals(
        KroneckerPreconditioner.factor(factors, mean, 0).orElseThrow().solve(r),
        KroneckerPreconditioner.factor(factors, differing, 0).orElseThrow().solve(r),
        1e-12);
  }

  @Test
  void outputsWithoutCurvatureLeaveThePenalty() {
    var factors = new KroneckerFactors(definite(51, Q), new double[K * K]);
    double[] c = penalty(0.5, false);
    double[] r = TestProblems.vector(52, Q * K, 1);
    double[] expected = r.clone();
    Arrays.setAll(expected, j -> r[j] / (c[j] + 0.1));
    assertTrue(
        distance(KroneckerPreconditioner.factor(factors, c, 0.1).orElseThrow().solve(r), expected)
            <= 1e-8);
  }

  @Test
  void argumentIsNotChanged() {
    var factors = new KroneckerFactors(definite(61, Q), definite(62, K));
    double[] r = TestProblems.vector(63, Q * K, 1);
    double[] before = r.clone();
    KroneckerPreconditioner.factor(factors, penalty(1, true), 0).orElseThrow().solve(r);
    assertArrayEquals(before, r, 0);
  }

  @Test
  void factorsThatAreNotFiniteOrNegativeHaveNoInverse() {
    double[] b = softmaxCurvature(0.1, 0.2, 0.3, 0.4);
    double[] c = penalty(0.1, true);
    double[] overflown = definite(61, Q);
    overflown[0] = Double.POSITIVE_INFINITY;
    assertTrue(KroneckerPreconditioner.factor(new KroneckerFactors(overflown, b), c, 0).isEmpty());
    double[] negative = definite(62, Q);
    Arrays.setAll(negative, i -> -100 * negative[i]);
    assertTrue(KroneckerPreconditioner.factor(new KroneckerFactors(negative, b), c, 0).isEmpty());
  }
}
