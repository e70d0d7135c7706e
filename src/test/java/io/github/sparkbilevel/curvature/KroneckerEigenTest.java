package io.github.sparkbilevel.curvature;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.DenseReference;
import io.github.sparkbilevel.TestProblems;
import io.github.sparkbilevel.curvature.KroneckerEigen.Damping;
import io.github.sparkbilevel.linalg.KroneckerFactors;
import io.github.sparkbilevel.linalg.Vectors;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Inverses of the Kronecker factors of several layers against dense matrices and by hand. */
@Tag("vectors")
class KroneckerEigenTest {
  private static final int[][] SHAPES = {{4, 3}, {3, 2}};
  private static final int SIZE = 18;

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

  private static List<KroneckerFactors> factors() {
    return List.of(
        new KroneckerFactors(definite(1, 4), definite(2, 3)),
        new KroneckerFactors(definite(3, 3), definite(4, 2)));
  }

  private static double trace(double[] a, int n) {
    double sum = 0;
    for (int i = 0; i < n; i++) {
      sum += a[i + i * n];
    }
    return sum;
  }

  private static double[] plusMultiple(double[] a, int n, double e) {
    double[] sum = a.clone();
    for (int i = 0; i < n; i++) {
      sum[i + i * n] += e;
    }
    return sum;
  }

  /** The matrix whose inverse is meant: one diagonal block for each layer. */
  private static double[][] dense(double c, double damping, Damping kind) {
    double[][] h = new double[SIZE][SIZE];
    int at = 0;
    for (int l = 0; l < SHAPES.length; l++) {
      int q = SHAPES[l][0];
      int k = SHAPES[l][1];
      double[] a = factors().get(l).inputs();
      double[] b = factors().get(l).outputs();
      double e = c + damping;
      if (kind == Damping.PER_FACTOR) {
        double pi = Math.sqrt((trace(a, q) / q) / (trace(b, k) / k));
        a = plusMultiple(a, q, pi * Math.sqrt(e));
        b = plusMultiple(b, k, Math.sqrt(e) / pi);
      }
      for (int i = 0; i < q * k; i++) {
        for (int j = 0; j < q * k; j++) {
          h[at + i][at + j] = b[i / q + j / q * k] * a[i % q + j % q * q];
        }
        h[at + i][at + i] += kind == Damping.EXACT ? e : 0;
      }
      at += q * k;
    }
    return h;
  }

  private static double[] penalty(double c) {
    double[] penalty = new double[SIZE];
    Arrays.fill(penalty, c);
    return penalty;
  }

  @ParameterizedTest
  @EnumSource(Damping.class)
  void isTheInverseOfTheDampedBlocks(Damping kind) {
    KroneckerEigen eigen = KroneckerEigen.of(factors()).orElseThrow();
    double[] x = TestProblems.vector(5, SIZE, 1);
    for (double c : new double[] {0, 0.1}) {
      for (double damping : new double[] {1e-3, 0.4}) {
        double[] r = DenseReference.times(dense(c, damping, kind), x);
        double[] got = eigen.inverse(penalty(c), damping, kind).solve(r);
        assertTrue(DenseReference.distance(got, x) <= 1e-9, kind + " " + c + " " + damping);
      }
    }
  }

  /**
   * A = diag(4, 1) and B = (0.1): π² = 2.5 / 0.1, so π = 5. With e = 0.04 A gets 5 · 0.2 and B gets
   * 0.2 / 5; the inverse of diag(5, 2) ⊗ 0.14 has 1/0.7 and 1/0.28. (Martens and Grosse, ICML 2015,
   * section 6.3.)
   */
  @Test
  void dampingPerFactorIsSplitByTheRootOfTheMeanEigenvalues() {
    var factors = new KroneckerFactors(new double[] {4, 0, 0, 1}, new double[] {0.1});
    KroneckerEigen eigen = KroneckerEigen.of(List.of(factors)).orElseThrow();
    double[] penalty = {0.01, 0.05}; // 0.03 on average
    double[] ones = {1, 1};
    assertArrayEquals(
        new double[] {1 / 0.7, 1 / 0.28},
        eigen.inverse(penalty, 0.01, Damping.PER_FACTOR).solve(ones),
        1e-12);
    assertArrayEquals(
        new double[] {1 / 0.44, 1 / 0.14},
        eigen.inverse(penalty, 0.01, Damping.EXACT).solve(ones),
        1e-12);
  }

  @Test
  void aDiagonalFactorIsTheSameMatrix() {
    double[] diagonal = {3, 0, 0.5, 2};
    double[] whole = new double[16];
    for (int i = 0; i < 4; i++) {
      whole[5 * i] = diagonal[i];
    }
    double[] b = definite(2, 3);
    double[] r = TestProblems.vector(6, 12, 1);
    double[] c = TestProblems.vector(7, 12, 1);
    Arrays.setAll(c, j -> c[j] * c[j]);
    for (Damping kind : Damping.values()) {
      double[] expected =
          KroneckerEigen.of(List.of(new KroneckerFactors(whole, b)))
              .orElseThrow()
              .inverse(c, 0.1, kind)
              .solve(r);
      double[] got =
          KroneckerEigen.of(List.of(new KroneckerFactors(diagonal, b, 4)))
              .orElseThrow()
              .inverse(c, 0.1, kind)
              .solve(r);
      assertArrayEquals(expected, got, 1e-12);
    }
  }

  @Test
  void dampingPerFactorOfASmallDampingIsTheExactOne() {
    KroneckerEigen eigen = KroneckerEigen.of(factors()).orElseThrow();
    double[] x = TestProblems.vector(5, SIZE, 1);
    double[] r = DenseReference.times(dense(0, 0, Damping.EXACT), x);
    double[] split = eigen.inverse(penalty(0), 1e-18, Damping.PER_FACTOR).solve(r);
    assertTrue(DenseReference.distance(split, x) <= 1e-6);
  }

  @Test
  void scalesTakeThePlaceOfTheEigenvaluesWhateverTheDamping() {
    KroneckerEigen eigen = KroneckerEigen.of(factors()).orElseThrow();
    double[] own = new double[SIZE];
    int at = 0;
    for (var layer : eigen.layers()) {
      for (double gamma : layer.outputs().values()) {
        for (double lambda : layer.inputs().values()) {
          own[at++] = lambda * gamma;
        }
      }
    }
    double[] r = TestProblems.vector(6, SIZE, 1);
    double[] expected = eigen.inverse(penalty(0.1), 0.2, Damping.EXACT).solve(r);
    for (Damping kind : Damping.values()) {
      double[] got = eigen.withScales(own).inverse(penalty(0.1), 0.2, kind).solve(r);
      assertArrayEquals(expected, got, 1e-12);
    }
    double[] ones = new double[SIZE];
    Arrays.fill(ones, 0.5);
    double[] flat = eigen.withScales(ones).inverse(penalty(0.1), 0.2, Damping.EXACT).solve(r);
    assertArrayEquals(Vectors.scaled(1 / 0.8, r), flat, 1e-12);
  }

  @Test
  void directionsWithoutCurvatureAreBounded() {
    var factors = new KroneckerFactors(new double[] {2, 0, 0, 0}, new double[] {3});
    KroneckerEigen eigen = KroneckerEigen.of(List.of(factors)).orElseThrow();
    double[] got = eigen.inverse(new double[2], 0, Damping.EXACT).solve(new double[] {6, 6});
    assertArrayEquals(new double[] {1, 1}, got, 1e-12);
    var none = new KroneckerFactors(new double[4], new double[1]);
    double[] r = {6, 7};
    KroneckerEigen empty = KroneckerEigen.of(List.of(none)).orElseThrow();
    assertArrayEquals(r, empty.inverse(new double[2], 0, Damping.PER_FACTOR).solve(r), 0);
  }

  @Test
  void severalModelsOneAfterTheOtherShareTheInverse() {
    KroneckerEigen eigen = KroneckerEigen.of(factors()).orElseThrow();
    double[] r = TestProblems.vector(7, 2 * SIZE, 1);
    double[] twice = new double[2 * SIZE];
    Arrays.fill(twice, 0.1);
    double[] both = eigen.inverse(twice, 0.2, Damping.EXACT).solve(r);
    for (int model = 0; model < 2; model++) {
      double[] part = Vectors.slice(r, model * SIZE, SIZE);
      assertArrayEquals(
          eigen.inverse(penalty(0.1), 0.2, Damping.EXACT).solve(part),
          Vectors.slice(both, model * SIZE, SIZE),
          1e-13);
    }
  }

  @Test
  void factorsThatAreNotFiniteHaveNoInverse() {
    double[] bad = definite(1, 4);
    bad[5] = Double.NaN;
    var factors = List.of(new KroneckerFactors(bad, definite(2, 3)), factors().get(1));
    assertTrue(KroneckerEigen.of(factors).isEmpty());
  }
}
