package io.github.sparkbilevel.problem;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.sparkbilevel.TestProblems;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.model.LogisticLoss;
import io.github.sparkbilevel.model.SoftmaxLoss;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PenaltyTest {
  private static final LinearModel MODEL = new LinearModel(new SoftmaxLoss(3), 2, true);

  @Test
  void interceptsArePenalisedOnlyWhenAsked() {
    double[] none = {};
    assertArrayEquals(
        new double[] {4, 4, 0, 4, 4, 0, 4, 4, 0}, Penalty.fixed(MODEL, 4, false).strengths(none));
    assertArrayEquals(
        new double[] {4, 4, 4, 4, 4, 4, 4, 4, 4}, Penalty.fixed(MODEL, 4, true).strengths(none));
    double[] lambda = {Math.log(3)};
    assertArrayEquals(
        new double[] {3, 3, 0, 3, 3, 0, 3, 3, 0},
        Penalty.tuned(MODEL, false).strengths(lambda),
        1e-14);
  }

  @Test
  void valueIsHalfTheWeightedSquares() {
    LinearModel plain = new LinearModel(new LogisticLoss(), 2, false);
    double value = Penalty.fixed(plain, 0.5, false).value(new double[] {3, -4}, new double[0]);
    assertEquals(0.5 * 0.5 * 25, value, 1e-15);
  }

  @Test
  void mixedProductIsTheDerivativeOfTheGradientAlongTheAdjoint() {
    Penalty penalty = Penalty.tuned(MODEL, false);
    double[] theta = TestProblems.vector(1, MODEL.size(), 1);
    double[] u = TestProblems.vector(2, MODEL.size(), 1);
    double h = 1e-5;
    double[] up = new double[MODEL.size()];
    double[] down = new double[MODEL.size()];
    penalty.addProduct(theta, new double[] {-0.7 + h}, up);
    penalty.addProduct(theta, new double[] {-0.7 - h}, down);
    double expected = Vectors.dot(Vectors.plus(up, -1, down), u) / (2 * h);
    double[] mixed = penalty.mixedProduct(theta, u, new double[] {-0.7});
    assertArrayEquals(new double[] {expected}, mixed, 1e-9);
  }

  @Test
  void fixedPenaltyHasNothingToTune() {
    Penalty penalty = Penalty.fixed(MODEL, 1, false);
    double[] theta = TestProblems.vector(1, MODEL.size(), 1);
    assertEquals(0, penalty.size());
    assertEquals(0, penalty.mixedProduct(theta, theta, new double[0]).length);
  }

  @ParameterizedTest
  @ValueSource(doubles = {-1e-9, Double.NaN, Double.POSITIVE_INFINITY})
  void strengthThatIsNoPenaltyIsRefused(double l2) {
    assertThrows(IllegalArgumentException.class, () -> Penalty.fixed(MODEL, l2, false));
  }

  @Test
  void softmaxInterceptsHaveAFlatDirectionUntilTheyArePenalised() {
    double[] none = {};
    RowVariable rows = new RowVariable.None();
    assertArrayEquals(
        new double[] {0, 0, 1, 0, 0, 1, 0, 0, 1},
        new BilevelProblem(MODEL, rows, Penalty.fixed(MODEL, 1, false)).nullDirection(none));
    assertEquals(
        null, new BilevelProblem(MODEL, rows, Penalty.fixed(MODEL, 1, true)).nullDirection(none));
    LinearModel binary = new LinearModel(new LogisticLoss(), 2, true);
    assertEquals(
        null,
        new BilevelProblem(binary, rows, Penalty.fixed(binary, 1, false)).nullDirection(none));
  }
}
