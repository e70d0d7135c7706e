package io.github.sparkbilevel.bilevel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.linalg.Vectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AdamTest {
  private static final double BETA_1 = 0.9;
  private static final double BETA_2 = 0.95;
  private static final double[] GRADIENT = {3e-7, -40, 0};
  private static final double F = 0.7;
  private static final double LAG = 0.3;
  private static final double[] LOW = {-100};
  private static final double[] HIGH = {100};

  @Test
  void firstStepHasTheStepLengthWhateverTheScaleOfTheGradient() {
    double[] next = new Adam(0.25, -9, 9).step(new double[] {1, 2, 3}, GRADIENT, F, LAG);
    assertArrayEquals(new double[] {0.75, 2.25, 3}, next, 1e-5);
  }

  @Test
  void followsTheRecurrenceOfThePaper() {
    Adam adam = new Adam(0.1, -100, 100);
    double lambda = 0.3;
    double m = 0;
    double v = 0;
    double[] got = {lambda};
    for (int t = 1; t <= 20; t++) {
      double g = Math.sin(3 * t) + lambda;
      got = adam.step(got, new double[] {g}, F, LAG);
      m = BETA_1 * m + (1 - BETA_1) * g;
      v = BETA_2 * v + (1 - BETA_2) * g * g;
      lambda -= 0.1 * m / (1 - Math.pow(BETA_1, t)) / Math.sqrt(v / (1 - Math.pow(BETA_2, t)));
      assertEquals(lambda, got[0], 1e-10);
    }
  }

  @Test
  void proposalThatIsNotAcceptedLeavesNoTrace() {
    Adam plain = new Adam(0.2, -5, 5);
    Adam asked = new Adam(0.2, -5, 5);
    double[] expected = {1, 1, 1};
    double[] got = expected.clone();
    for (int t = 0; t < 5; t++) {
      double[] g = {t - 2.5, 1, -0.1 * t};
      asked.propose(got, new double[] {1e6, -1e6, 7}, F, LAG);
      expected = plain.step(expected, g, F, LAG);
      got = asked.step(got, g, F, LAG);
      assertArrayEquals(expected, got, 0);
    }
  }

  @Test
  void proposingTwiceGivesTheSameProposal() {
    Adam adam = new Adam(0.2, -5, 5);
    double[] lambda = {1, 1, 1};
    double[] first = adam.propose(lambda, GRADIENT, F, LAG).lambda();
    assertArrayEquals(first, adam.propose(lambda, GRADIENT, F, LAG).lambda(), 0);
  }

  @Test
  void changesNeitherArgument() {
    double[] lambda = {1, 1, 1};
    double[] gradient = GRADIENT.clone();
    new Adam(0.2, -5, 5).step(lambda, gradient, F, LAG);
    assertArrayEquals(new double[] {1, 1, 1}, lambda, 0);
    assertArrayEquals(GRADIENT, gradient, 0);
  }

  @Test
  void staysWithinTheBoundsAndReachesThem() {
    Adam adam = new Adam(0.5, -1, 2);
    double[] lambda = {0, 0};
    for (int t = 0; t < 30; t++) {
      lambda = adam.step(lambda, new double[] {1, -1}, F, LAG);
      assertTrue(lambda[0] >= -1 && lambda[1] <= 2);
    }
    assertArrayEquals(new double[] {-1, 2}, lambda, 0);
  }

  @ParameterizedTest
  @CsvSource({"0,-1,1", "-1,-1,1", "NaN,-1,1", "1,1,1", "1,2,1", "1,NaN,1"})
  void refusesStepsAndBoundsThatCannotAct(double step, double low, double high) {
    var thrown = assertThrows(IllegalArgumentException.class, () -> new Adam(step, low, high));
    assertTrue(thrown.getMessage().contains("" + low), thrown.getMessage());
  }

  @Test
  void stepsGrowByHalfUpToFivefoldWhileTheSignStays() {
    Adam adam = Adam.growing(0.2, LOW, HIGH);
    double[] lambda = {0, 0};
    for (double gain : new double[] {1, 1.5, 2.25, 3.375, 5, 5}) {
      double[] next = adam.step(lambda, new double[] {-3, 3e-5}, F, LAG);
      assertArrayEquals(new double[] {0.2 * gain, -0.2 * gain}, minus(next, lambda), 1e-6);
      lambda = next;
    }
  }

  @Test
  void signThatTurnsHalvesTheStepOfItsEntryAndTurnsIt() {
    Adam adam = Adam.growing(0.2, LOW, HIGH);
    double[] lambda = adam.step(new double[] {0, 0}, new double[] {1, 1}, F, LAG);
    lambda = adam.step(lambda, new double[] {1, 1}, F, LAG);
    double[] next = adam.step(lambda, new double[] {-1, 1}, F, LAG);
    assertArrayEquals(new double[] {0.2 * 1.5 / 2, -0.2 * 2.25}, minus(next, lambda), 1e-9);
    double[] last = adam.step(next, new double[] {-1, 1}, F, LAG);
    assertArrayEquals(new double[] {0.2 * 0.75 * 1.5, -0.2 * 3.375}, minus(last, next), 1e-9);
  }

  @Test
  void upperObjectiveThatRisesHalvesAllSteps() {
    Adam adam = Adam.growing(0.2, LOW, HIGH);
    double[] lambda = adam.step(new double[] {0, 0}, new double[] {1, -1}, F, LAG);
    double[] next = adam.step(lambda, new double[] {1, -1}, F + 1e-9, LAG);
    assertArrayEquals(new double[] {-0.1, 0.1}, minus(next, lambda), 1e-9);
    double[] last = adam.step(next, new double[] {1, -1}, F, LAG);
    assertArrayEquals(new double[] {-0.15, 0.15}, minus(last, next), 1e-9);
  }

  @Test
  void lowerLevelThatDoesNotFollowHalvesAllSteps() {
    Adam adam = Adam.growing(0.2, LOW, HIGH);
    double[] lambda = adam.step(new double[] {0, 0}, new double[] {1, -1}, F, 1);
    double[] next = adam.step(lambda, new double[] {1, -1}, F, 1);
    assertArrayEquals(new double[] {-0.3, 0.3}, minus(next, lambda), 1e-9);
    double[] last = adam.step(next, new double[] {1, -1}, F, 1.001);
    assertArrayEquals(new double[] {-0.15, 0.15}, minus(last, next), 1e-9);
  }

  @Test
  void stepsThatFellGrowAgain() {
    Adam adam = Adam.growing(0.2, LOW, HIGH);
    double[] lambda = {0};
    for (int t = 0; t < 60; t++) {
      lambda = adam.step(lambda, new double[] {t % 2 == 0 ? 1 : -1}, F, LAG);
    }
    double[] next = adam.step(lambda, new double[] {1}, F, LAG);
    assertEquals(0.2 * 0.25, Math.abs(next[0] - lambda[0]), 1e-9, "not below a quarter");
    for (int t = 0; t < 60; t++) {
      lambda = next;
      next = adam.step(lambda, new double[] {1}, F, LAG);
    }
    assertEquals(0.2 * 5, lambda[0] - next[0], 1e-6);
  }

  @Test
  void growingReachesAFarMinimumInFewerSteps() {
    assertTrue(stepsTo(Adam.growing(0.2, LOW, HIGH)) <= 15);
    assertTrue(stepsTo(new Adam(0.2, LOW, HIGH)) >= 30);
  }

  /** Steps until every entry stays within .05 of the minimum of a quadratic, κ = 100. */
  private static int stepsTo(Adam adam) {
    double[] curvature = {1, 0.1, 0.01};
    double[] minimum = {8, -8, 5};
    double[] lambda = new double[3];
    int last = 0;
    for (int t = 1; t <= 200; t++) {
      double[] g = new double[3];
      double upper = 0;
      for (int j = 0; j < 3; j++) {
        g[j] = curvature[j] * (lambda[j] - minimum[j]);
        upper += g[j] * (lambda[j] - minimum[j]) / 2;
      }
      lambda = adam.step(lambda, g, upper, LAG);
      for (int j = 0; j < 3; j++) {
        last = Math.abs(lambda[j] - minimum[j]) > 0.05 ? t : last;
      }
    }
    return last;
  }

  private static double[] minus(double[] a, double[] b) {
    return Vectors.plus(a, -1, b);
  }
}
