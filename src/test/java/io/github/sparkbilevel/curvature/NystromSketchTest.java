package io.github.sparkbilevel.curvature;

import static io.github.sparkbilevel.DenseReference.distance;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.DenseReference;
import io.github.sparkbilevel.TestProblems;
import io.github.sparkbilevel.linalg.LinearOperator;
import io.github.sparkbilevel.linalg.Preconditioner;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.solve.ConjugateGradient;
import io.github.sparkbilevel.solve.Status;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Exact where the data part of H has no more directions than the sketch has columns. */
class NystromSketchTest {
  private static final int D = 24;
  private static final long SEED = 11;

  /** Σ_r s_r v_r v_rᵀ for random v_r. */
  private static double[][] semidefinite(double... strengths) {
    double[][] h = new double[D][D];
    for (int r = 0; r < strengths.length; r++) {
      double[] v = TestProblems.vector(100 + r, D, 1);
      for (int i = 0; i < D; i++) {
        for (int j = 0; j < D; j++) {
          h[i][j] += strengths[r] * v[i] * v[j];
        }
      }
    }
    return h;
  }

  private static double[][] plusDiagonal(double[][] data, double[] c, double damping) {
    double[][] h = new double[D][];
    Arrays.setAll(h, i -> data[i].clone());
    for (int i = 0; i < D; i++) {
      h[i][i] += c[i] + damping;
    }
    return h;
  }

  private static LinearOperator operator(double[][] h) {
    return new LinearOperator() {
      @Override
      public int size() {
        return h.length;
      }

      @Override
      public double[][] applyAll(double[][] columns) {
        double[][] images = new double[columns.length][];
        Arrays.setAll(images, c -> DenseReference.times(h, columns[c]));
        return images;
      }
    };
  }

  private static double[] diagonal(double[][] h) {
    double[] diagonal = new double[h.length];
    Arrays.setAll(diagonal, j -> h[j][j]);
    return diagonal;
  }

  private static Preconditioner preconditioner(double[][] data, double[] c, double delta, int k) {
    LinearOperator h = operator(plusDiagonal(data, c, delta));
    return NystromSketch.of(h, c, delta, k, SEED)
        .orElseThrow()
        .preconditioner(diagonal(data), c, delta)
        .orElseThrow();
  }

  private static double[] penalty() {
    double[] c = TestProblems.vector(7, D, 1);
    Arrays.setAll(c, j -> 0.5 + 0.4 * c[j]);
    return c;
  }

  @ParameterizedTest
  @CsvSource({"3, 3, 0", "3, 10, 0", "3, 24, 0.2", "5, 60, 0", "1, 2, 0.01"})
  void ofRankAtMostKIsExactButForTheDiagonalThatIsAlwaysLeft(int rank, int k, double damping) {
    double[][] data = semidefinite(DenseReference.filled(rank, 2));
    // What stays of each entry of the diagonal however well it is known.
    double[] c = penalty();
    double[][] expected = plusDiagonal(data, c, damping);
    for (int j = 0; j < D; j++) {
      expected[j][j] += 1e-3 * data[j][j];
    }
    Preconditioner m = preconditioner(data, c, damping, k);
    double[] x = TestProblems.vector(9, D, 1);
    double error = distance(m.solve(DenseReference.times(expected, x)), x);
    assertTrue(error <= 1e-6, "" + error);
    double[] y = DenseReference.times(plusDiagonal(data, c, damping), x);
    assertTrue(distance(m.solve(y), x) <= 0.02, "and nearly the inverse of H itself");
  }

  @Test
  void oneSketchServesEveryPenalty() {
    double[][] data = semidefinite(3, 2, 1);
    double[] c = penalty();
    NystromSketch sketch =
        NystromSketch.of(operator(plusDiagonal(data, c, 0.1)), c, 0.1, 6, SEED).orElseThrow();
    for (double scale : new double[] {1e-3, 1, 1e3}) {
      double[] other = Vectors.scaled(scale, c);
      double[][] h = plusDiagonal(data, other, 0);
      for (int j = 0; j < D; j++) {
        h[j][j] += 1e-3 * data[j][j];
      }
      double[] x = TestProblems.vector(10, D, 1);
      Preconditioner m = sketch.preconditioner(diagonal(data), other, 0).orElseThrow();
      assertTrue(distance(m.solve(DenseReference.times(h, x)), x) <= 1e-6, "scale " + scale);
    }
  }

  @Test
  void isSymmetricAndPositiveDefinite() {
    double[] strengths = new double[D];
    Arrays.setAll(strengths, r -> Math.pow(2, -r));
    double[][] data = semidefinite(strengths);
    for (int k : new int[] {1, 4, 12, 24}) {
      Preconditioner m = preconditioner(data, DenseReference.filled(D, 1e-6), 0, k);
      double[][] inverse = new double[D][];
      for (int j = 0; j < D; j++) {
        double[] unit = new double[D];
        unit[j] = 1;
        inverse[j] = m.solve(unit);
      }
      double largest = 0;
      for (double[] row : inverse) {
        largest = Math.max(largest, Vectors.normInf(row));
      }
      for (int i = 0; i < D; i++) {
        for (int j = 0; j < i; j++) {
          assertEquals(inverse[i][j], inverse[j][i], 1e-9 * largest);
        }
      }
      for (long seed = 20; seed < 30; seed++) {
        double[] x = TestProblems.vector(seed, D, 1);
        assertTrue(Vectors.dot(x, m.solve(x)) > 0);
      }
    }
  }

  @Test
  void keepsTheDiagonalThatTheSketchDoesNotKnow() {
    // A diagonal matrix has no low rank; what one direction leaves of its diagonal stays in M.
    double[] strengths = new double[D];
    Arrays.setAll(strengths, j -> Math.pow(10, j % 4));
    double[][] data = new double[D][D];
    for (int j = 0; j < D; j++) {
      data[j][j] = strengths[j];
    }
    double[] none = new double[D];
    Preconditioner m = preconditioner(data, none, 0, 1);
    double[] b = TestProblems.vector(3, D, 1);
    var with = new ConjugateGradient(200, 1e-8).solve(operator(data), new double[][] {b}, m);
    assertEquals(Status.CONVERGED, with.status());
    assertTrue(with.products() <= 8, "" + with.products());
  }

  @Test
  void coefficientsThatNothingSeesAreNoObstacle() {
    double[][] data = semidefinite(2, 1);
    for (int j = 0; j < D; j++) {
      data[5][j] = 0;
      data[j][5] = 0;
    }
    double[] none = new double[D];
    Preconditioner m = preconditioner(data, none, 0, 4);
    double[] unit = new double[D];
    unit[5] = 1;
    double[] x = m.solve(unit);
    assertTrue(Vectors.isFinite(x) && x[5] > 0, Arrays.toString(x));
    double[][] zero = new double[D][D];
    assertArrayEquals(unit, preconditioner(zero, none, 0, 4).solve(unit), 0);
    double[] c = penalty();
    assertEquals(1 / c[5], preconditioner(zero, c, 0, 4).solve(unit)[5], 1e-12);
  }

  @Test
  void productsThatAreNotFiniteGiveNoSketch() {
    double[] none = new double[D];
    for (double wrong : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
      double[][] data = semidefinite(1);
      data[2][3] = wrong;
      assertEquals(Optional.empty(), NystromSketch.of(operator(data), none, 0, 4, SEED));
    }
    double[][] negative = semidefinite(-1, -2, -3);
    assertEquals(Optional.empty(), NystromSketch.of(operator(negative), none, 0, 4, SEED));
  }

  @Test
  void sketchIsTheSameForTheSameSeed() {
    double[][] data = semidefinite(5, 3, 2, 1);
    double[] r = TestProblems.vector(4, D, 1);
    double[] first = preconditioner(data, penalty(), 0, 3).solve(r);
    assertArrayEquals(first, preconditioner(data, penalty(), 0, 3).solve(r), 0);
  }

  /** Sparse rows whose columns differ by a factor of 1000 in size, and few strong directions. */
  private static double[][] illConditioned() {
    Random random = new Random(SEED);
    double[][] h = new double[D][D];
    for (int i = 0; i < 400; i++) {
      double[] row = new double[D];
      double common = 3 * random.nextGaussian();
      for (int e = 0; e < 6; e++) {
        int j = random.nextInt(D);
        row[j] = Math.pow(10, 3.0 * j / D) * (common + random.nextGaussian());
      }
      for (int a = 0; a < D; a++) {
        for (int b = 0; b < D; b++) {
          h[a][b] += row[a] * row[b] / 400;
        }
      }
    }
    return h;
  }

  @Test
  void takesFewerProductsThanTheDiagonalAndTheDiagonalFewerThanNothing() {
    double[][] data = illConditioned();
    double[] c = DenseReference.filled(D, 1e-4);
    LinearOperator h = operator(plusDiagonal(data, c, 0));
    double[][] b = {TestProblems.vector(5, D, 1), TestProblems.vector(6, D, 1)};
    ConjugateGradient cg = new ConjugateGradient(1000, 1e-8);
    var plain = cg.solve(h, b, Preconditioner.identity());
    var jacobi = cg.solve(h, b, JacobiPreconditioner.of(diagonal(data), c, 0));
    var nystrom = cg.solve(h, b, preconditioner(data, c, 0, 6));
    assertEquals(Status.CONVERGED, nystrom.status());
    String counts = plain.products() + ", " + jacobi.products() + ", " + nystrom.products();
    assertTrue(jacobi.products() < plain.products(), counts);
    assertTrue(nystrom.products() < jacobi.products(), counts);
  }
}
