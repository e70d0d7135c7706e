package io.github.sparkbilevel.bilevel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AdamTest {
  private static final double BETA_1 = 0.9;
  private static final double BETA_2 = 0.95;
  private static final double[] GRADIENT = {3e-7, -40, 0};

  @Test
  void firstStepHasTheStepLengthWhateverTheScaleOfTheGradient() {
    double[] next = new Adam(0.25, -9, 9).step(new double[] {1, 2, 3}, GRADIENT);
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
      got = adam.step(got, new double[] {g});
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
      asked.propose(got, new double[] {1e6, -1e6, 7});
      expected = plain.step(expected, g);
      got = asked.step(got, g);
      assertArrayEquals(expected, got, 0);
    }
  }

  @Test
  void proposingTwiceGivesTheSameProposal() {
    Adam adam = new Adam(0.2, -5, 5);
    double[] lambda = {1, 1, 1};
    double[] first = adam.propose(lambda, GRADIENT).lambda();
    assertArrayEquals(first, adam.propose(lambda, GRADIENT).lambda(), 0);
  }

  @Test
  void changesNeitherArgument() {
    double[] lambda = {1, 1, 1};
    double[] gradient = GRADIENT.clone();
    new Adam(0.2, -5, 5).step(lambda, gradient);
    assertArrayEquals(new double[] {1, 1, 1}, lambda, 0);
    assertArrayEquals(GRADIENT, gradient, 0);
  }

  @Test
  void staysWithinTheBoundsAndReachesThem() {
    Adam adam = new Adam(0.5, -1, 2);
    double[] lambda = {0, 0};
    for (int t = 0; t < 30; t++) {
      lambda = adam.step(lambda, new double[] {1, -1});
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
}
