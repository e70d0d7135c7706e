package io.github.sparkbilevel.bilevel;

import static io.github.sparkbilevel.DenseReference.filled;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.DenseReference;
import io.github.sparkbilevel.TestProblems;
import io.github.sparkbilevel.linalg.Vectors;
import java.util.Arrays;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProjectedLbfgsTest {

  private static ProjectedLbfgs rule(int size, double low, double high, int memory, double limit) {
    return new ProjectedLbfgs(filled(size, low), filled(size, high), memory, limit);
  }

  /** Steps along the projected direction by Armijo's rule; returns the iterations it took. */
  private static int minimize(
      ProjectedLbfgs rule,
      double[] x,
      ToDoubleFunction<double[]> f,
      UnaryOperator<double[]> gradient,
      int most) {
    for (int k = 0; k < most; k++) {
      double[] g = gradient.apply(x);
      if (Vectors.normInf(rule.projectedGradient(x, g)) <= 1e-9) {
        return k;
      }
      double[] d = rule.direction(x, g);
      assertTrue(Vectors.dot(d, g) < 0, "descent");
      double length = 1;
      double[] next = rule.project(Vectors.plus(x, length, d));
      double slope = Vectors.dot(g, Vectors.plus(next, -1, x));
      while (f.applyAsDouble(next) > f.applyAsDouble(x) + 1e-4 * slope && length > 1e-12) {
        length /= 2;
        next = rule.project(Vectors.plus(x, length, d));
        slope = Vectors.dot(g, Vectors.plus(next, -1, x));
      }
      rule.update(Vectors.plus(next, -1, x), Vectors.plus(gradient.apply(next), -1, g));
      System.arraycopy(next, 0, x, 0, x.length);
    }
    return most;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 5, 20})
  void findsTheMinimumOfAQuadraticWithSomeBoundsActive(int memory) {
    int n = 30;
    double[][] q = new double[n][n];
    double[] solution = new double[n];
    double[] b = new double[n];
    for (int i = 0; i < n; i++) {
      q[i][i] = 2.1 + i;
      if (i > 0) {
        q[i][i - 1] = -1;
        q[i - 1][i] = -1;
      }
      // A third on the lower bound, a third on the upper, a third between.
      solution[i] = i % 3 == 0 ? -1 : i % 3 == 1 ? 2 : 0.1 * i - 1;
    }
    double[] image = DenseReference.times(q, solution);
    for (int i = 0; i < n; i++) {
      double multiplier = i % 3 == 0 ? 0.5 + i : i % 3 == 1 ? -0.3 : 0;
      b[i] = image[i] - multiplier;
    }
    double[] x = filled(n, 0.5);
    int iterations =
        minimize(
            rule(n, -1, 2, memory, 3),
            x,
            at -> 0.5 * Vectors.dot(at, DenseReference.times(q, at)) - Vectors.dot(b, at),
            at -> Vectors.plus(DenseReference.times(q, at), -1, b),
            400);
    assertTrue(iterations < 400, "memory " + memory);
    assertArrayEquals(solution, x, 1e-8);
  }

  @Test
  void findsTheMinimumOfRosenbrocksValley() {
    double[] x = {-1.2, 1};
    int iterations =
        minimize(rule(2, -5, 5, 10, 3), x, ProjectedLbfgsTest::valley, at -> slope(at), 200);
    assertTrue(iterations < 120, "" + iterations);
    assertArrayEquals(new double[] {1, 1}, x, 1e-7);
  }

  @Test
  void endsWhereTheValleyMeetsTheBound() {
    double[] x = {-1.2, 0.5};
    minimize(rule(2, -5, 0.8, 10, 3), x, ProjectedLbfgsTest::valley, at -> slope(at), 300);
    // On x_1 = 0.8: x_0 solves −400 x_0 (x_1 − x_0²) − 2 (1 − x_0) = 0, beyond the bound; so both.
    assertEquals(0.8, x[0], 1e-9);
    assertEquals(0.64, x[1], 1e-7);
  }

  private static double valley(double[] x) {
    return 100 * Math.pow(x[1] - x[0] * x[0], 2) + Math.pow(1 - x[0], 2);
  }

  private static double[] slope(double[] x) {
    double off = x[1] - x[0] * x[0];
    return new double[] {-400 * x[0] * off - 2 * (1 - x[0]), 200 * off};
  }

  @Test
  void everyDirectionDescendsAndLeavesHeldEntriesAlone() {
    Random random = new Random(3);
    int n = 12;
    ProjectedLbfgs rule = rule(n, -1, 1, 4, 2);
    for (int k = 0; k < 200; k++) {
      double[] lambda = new double[n];
      int third = k % 3;
      // A third of the entries on a bound, the others anywhere between.
      Arrays.setAll(
          lambda, j -> j % 3 == third ? (j % 2 == 0 ? -1 : 1) : 2 * random.nextDouble() - 1);
      double[] g = new double[n];
      Arrays.setAll(g, j -> Math.exp(8 * random.nextGaussian()) * random.nextGaussian());
      double[] before = g.clone();
      double[] d = rule.direction(lambda, g);
      assertTrue(Vectors.dot(d, g) < 0);
      assertTrue(Vectors.normInf(d) <= 2 * (1 + 1e-15));
      assertArrayEquals(before, g, 0);
      double[] free = rule.projectedGradient(lambda, g);
      for (int j = 0; j < n; j++) {
        boolean held = (lambda[j] == -1 && g[j] > 0) || (lambda[j] == 1 && g[j] < 0);
        assertEquals(held ? 0 : g[j], free[j], 0);
        assertTrue(!held || d[j] == 0, "held by its bound");
      }
      double[] s = TestProblems.vector(100 + k, n, 1);
      double[] y = new double[n];
      Arrays.setAll(y, j -> s[j] * Math.exp(2 * random.nextGaussian()));
      rule.update(s, y);
    }
  }

  @Test
  void firstDirectionMovesEveryEntryByAboutOne() {
    double[] g = {5, -0.2, 1e-1, 0};
    double[] d = rule(4, -9, 9, 5, 3).direction(new double[4], g);
    double floor = 0.01 * 5;
    assertArrayEquals(
        new double[] {-5 / (5 + floor), 0.2 / (0.2 + floor), -0.1 / (0.1 + floor), 0}, d, 1e-14);
  }

  @Test
  void noGradientGivesNoDirection() {
    ProjectedLbfgs rule = rule(3, -1, 1, 5, 3);
    assertArrayEquals(new double[3], rule.direction(new double[3], new double[3]), 0);
    double[] corner = {-1, 1, -1};
    double[] outwards = {2, -3, 1};
    assertArrayEquals(new double[3], rule.direction(corner, outwards), 0);
    assertArrayEquals(new double[3], rule.projectedGradient(corner, outwards), 0);
  }

  @ParameterizedTest
  @CsvSource({"0.01", "0.5", "3"})
  void noEntryMovesFurtherThanTheLimit(double limit) {
    ProjectedLbfgs rule = rule(4, -50, 50, 5, limit);
    // Curvature so small that the quadratic model asks for a step of 1000.
    rule.update(filled(4, 1), filled(4, 1e-3));
    double[] g = {1, -1, 0.5, 0.25};
    double[] d = rule.direction(new double[4], g);
    assertEquals(limit, Vectors.normInf(d), 1e-12 * limit);
    assertTrue(Vectors.dot(d, g) < 0);
  }

  @Test
  void secantConditionHoldsForTheLastPair() {
    ProjectedLbfgs rule = rule(5, -1e6, 1e6, 3, 1e6);
    double[] s = null;
    double[] y = null;
    for (int k = 0; k < 5; k++) {
      double[] step = TestProblems.vector(30 + k, 5, 1);
      s = step;
      y = new double[5];
      Arrays.setAll(y, j -> (1 + j) * step[j]);
      rule.update(s, y);
    }
    double[] d = rule.direction(new double[5], y);
    assertArrayEquals(Vectors.scaled(-1, s), d, 1e-12);
  }

  @Test
  void curvatureThatIsNegativeForgetsEverything() {
    double[] g = {1, -2, 0.5};
    double[] at = new double[3];
    ProjectedLbfgs rule = rule(3, -9, 9, 5, 3);
    assertFalse(rule.hasMemory());
    double[] first = rule.direction(at, g);
    rule.update(new double[] {1, 0, 0}, new double[] {3, 0, 0});
    rule.update(new double[] {0, 1, 0}, new double[] {0, 8, 0});
    assertTrue(rule.hasMemory());
    assertFalse(Arrays.equals(first, rule.direction(at, g)));
    rule.update(new double[] {0, 0, 1}, new double[] {0, 0, -1});
    assertFalse(rule.hasMemory());
    assertArrayEquals(first, rule.direction(at, g), 0);
    rule.update(new double[] {1, 0, 0}, new double[] {3, 0, 0});
    rule.restart();
    assertFalse(rule.hasMemory());
    // A change of the gradient that is none, or not a number, is no curvature either.
    rule.update(new double[] {1, 0, 0}, new double[3]);
    assertFalse(rule.hasMemory());
    rule.update(new double[] {1, 0, 0}, new double[] {Double.NaN, 0, 0});
    assertFalse(rule.hasMemory());
  }

  @Test
  void projectionIsTheNearestPointWithinTheBounds() {
    ProjectedLbfgs rule = new ProjectedLbfgs(new double[] {-1, 0, 2}, new double[] {1, 5, 3}, 3, 1);
    double[] lambda = {-4, 2, 9};
    assertArrayEquals(new double[] {-1, 2, 3}, rule.project(lambda), 0);
    assertArrayEquals(new double[] {-4, 2, 9}, lambda, 0);
  }

  @Test
  void settingsThatCannotWorkAreRefused() {
    var crossed = assertThrows(IllegalArgumentException.class, () -> rule(2, 1, 1, 3, 1));
    assertEquals("got bounds [1.0, 1.0], expected low < high", crossed.getMessage());
    assertThrows(IllegalArgumentException.class, () -> rule(2, Double.NaN, 1, 3, 1));
    var none = assertThrows(IllegalArgumentException.class, () -> rule(2, 0, 1, 0, 1));
    assertEquals("got memory 0 and limit 1.0, expected at least 1 and > 0", none.getMessage());
    assertThrows(IllegalArgumentException.class, () -> rule(2, 0, 1, 1, 0));
    assertThrows(IllegalArgumentException.class, () -> rule(2, 0, 1, 1, Double.NaN));
  }
}
