package io.github.sparkbilevel.problem.oracle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.problem.Sigmoid;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Scale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RowStepTest {

  @Test
  void followsTheFormula() {
    RowStep step = new RowStep(0.5, 2, 3, -4, 5);
    assertEquals(1 - 0.5 * 1.5, step.apply(1, 3), 1e-15);
    assertEquals(1 - 0.5 * 3, step.apply(1, 1e9), 1e-15);
    assertEquals(1 + 0.5 * 3, step.apply(1, -1e9), 1e-15);
    assertEquals(-4, step.apply(-3.9, 7), 0);
    assertEquals(5, step.apply(4.9, -7), 0);
  }

  @Property(tries = 200, seed = "11")
  void neverLeavesTheBoundsAndNeverStepsAgainstTheHypergradient(
      @ForAll @DoubleRange(min = -2, max = 3) double lambda,
      @ForAll @DoubleRange(min = -1e6, max = 1e6) double h,
      @ForAll @DoubleRange(min = 0, max = 10) double length,
      @ForAll @Scale(9) @DoubleRange(min = 1e-9, max = 1e6) double scale) {
    double next = new RowStep(length, scale, 2, -2, 3).apply(lambda, h);
    assertTrue(next >= -2 && next <= 3);
    assertTrue((next - lambda) * h <= 0);
    assertTrue(Math.abs(next - lambda) <= 2 * length + 1e-12);
  }

  @ParameterizedTest
  @CsvSource({"-1,1,1,-1,1", "1,0,1,-1,1", "1,1,0,-1,1", "1,1,1,1,1", "NaN,1,1,-1,1"})
  void refusesFiguresThatCannotAct(
      double length, double scale, double clip, double low, double high) {
    assertThrows(IllegalArgumentException.class, () -> new RowStep(length, scale, clip, low, high));
  }

  @Property(tries = 200, seed = "12")
  void sigmoidIsExactForEveryArgument(@ForAll @DoubleRange(min = -800, max = 800) double x) {
    double s = Sigmoid.value(x);
    assertTrue(s >= 0 && s <= 1);
    assertEquals(1, s + Sigmoid.value(-x), 1e-15);
    assertEquals(s * Sigmoid.value(-x), Sigmoid.derivative(x), 1e-15);
    if (Math.abs(x) < 300) {
      assertEquals(x, Math.log(s) - Math.log(Sigmoid.value(-x)), 1e-9 * Math.max(1, Math.abs(x)));
    }
  }
}
