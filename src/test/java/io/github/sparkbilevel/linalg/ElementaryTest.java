package io.github.sparkbilevel.linalg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("vectors")
class ElementaryTest {
  private static final int NUMBERS = 20_000;

  private static void assertWithinTwoUlps(double[] x, double[] got, DoubleUnaryOperator exact) {
    for (int i = 0; i < x.length; i++) {
      double expected = exact.applyAsDouble(x[i]);
      int at = i;
      assertTrue(
          Math.abs(got[i] - expected) <= 2 * Math.ulp(expected),
          () -> "at %s: %s, expected %s".formatted(x[at], got[at], expected));
    }
  }

  @Test
  void exponentialsAndLogarithmsAreWithinTwoUlps() {
    Random random = new Random(1);
    double[] x = new double[NUMBERS];
    double[] y = new double[NUMBERS];
    for (int i = 0; i < NUMBERS; i++) {
      x[i] = (i % 2 == 0 ? 708 : 3) * (2 * random.nextDouble() - 1);
      y[i] = Math.exp(x[i] * (i % 3 == 0 ? 1e-3 : 1));
    }
    double[] powers = x.clone();
    Elementary.exp(powers, 0, NUMBERS);
    assertWithinTwoUlps(x, powers, Math::exp);
    double[] logs = y.clone();
    Elementary.log(logs, 0, NUMBERS);
    assertWithinTwoUlps(y, logs, Math::log);
  }

  @Test
  void vectorsGiveTheBitsOfTheLoops() {
    double[] x = new Random(2).doubles(1000, -800, 800).toArray();
    x[0] = Double.NaN;
    x[1] = Double.NEGATIVE_INFINITY;
    x[2] = -0.0;
    double[] byVectors = x.clone();
    int done = VectorElementary.exp(byVectors, 0, x.length);
    double[] logsByVectors = new double[x.length];
    for (int i = 0; i < done; i++) {
      assertEquals(Elementary.exp(x[i]), byVectors[i], 0);
      logsByVectors[i] = 0.5 + Math.abs(Double.isFinite(x[i]) ? x[i] : 0);
    }
    double[] logs = logsByVectors.clone();
    done = VectorElementary.log(logsByVectors, 0, x.length);
    for (int i = 0; i < done; i++) {
      double[] one = {logs[i]};
      Elementary.log(one, 0, 1);
      assertEquals(one[0], logsByVectors[i], 0);
    }
  }

  @Test
  void theEndsOfTheRangeAreDefined() {
    assertEquals(0, Elementary.exp(-1e9), 0);
    assertEquals(0, Elementary.exp(Double.NEGATIVE_INFINITY), 0);
    double[] byVectors = {-1e9, -709, -708, Double.NEGATIVE_INFINITY, 0, 1, -1, -707};
    double[] byLoops = Arrays.stream(byVectors).map(Elementary::exp).toArray();
    int done = VectorElementary.exp(byVectors, 0, 8);
    for (int i = 0; i < done; i++) {
      assertEquals(byLoops[i], byVectors[i], 0);
    }
    assertEquals(Double.POSITIVE_INFINITY, Elementary.exp(1e9));
    assertTrue(Double.isNaN(Elementary.exp(Double.NaN)));
    assertEquals(1, Elementary.exp(0), 0);
  }
}
