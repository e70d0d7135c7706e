package io.github.sparkbilevel.problem;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.sparkbilevel.TestProblems;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.model.SoftmaxLoss;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VariancePenaltyTest {
  private static final LinearModel MODEL = new LinearModel(new SoftmaxLoss(3), 4, true);

  /** The second feature is constant; the last varies as the root of the others' product. */
  private static final double[] VARIANCES = {0.5, 0, 8, 2};

  private static double[] strengths(double[] lambda) {
    double[] c = new double[MODEL.size()];
    double[] ones = c.clone();
    Arrays.fill(ones, 1);
    new VariancePenalty(MODEL, VARIANCES).addPenaltyProduct(ones, lambda, c);
    return c;
  }

  @Test
  void strengthsLieOnALineOfLogarithms() {
    double[] c = strengths(new double[] {Math.log(3), Math.log(12)});
    double[] column = {3, 3, 12, 6, 0};
    double[] expected = Vectors.join(Vectors.join(column, column), column);
    assertArrayEquals(expected, c, 1e-13);
  }

  @Test
  void aRidgeOnFeaturesAsTheyWereReadIsOneOfThem() {
    double[] c = strengths(new double[] {1 + Math.log(8 / 0.5), 1});
    for (int j : new int[] {0, 2, 3}) {
      assertEquals(Math.E * 8, c[j] * VARIANCES[j], 1e-12);
    }
  }

  @Test
  void mixedProductIsTheDerivativeOfTheGradient() {
    VariancePenalty penalty = new VariancePenalty(MODEL, VARIANCES);
    double[] theta = TestProblems.vector(1, MODEL.size(), 1);
    double[] u = TestProblems.vector(2, MODEL.size(), 1);
    double[] lambda = {-1.2, 0.4};
    double[] mixed = penalty.penaltyMixedProduct(theta, u, lambda);
    double[] slope = penalty.penaltyLambdaGradient(theta, lambda);
    double h = 1e-5;
    for (int j = 0; j < 2; j++) {
      double[] up = lambda.clone();
      double[] down = lambda.clone();
      up[j] += h;
      down[j] -= h;
      double[] difference = new double[MODEL.size()];
      penalty.addPenaltyProduct(theta, down, difference);
      difference = Vectors.scaled(-1, difference);
      penalty.addPenaltyProduct(theta, up, difference);
      assertEquals(Vectors.dot(difference, u) / (2 * h), mixed[j], 1e-8 * Math.abs(mixed[j]));
      double value = penalty.penalty(theta, up) - penalty.penalty(theta, down);
      assertEquals(value / (2 * h), slope[j], 1e-8 * Math.abs(slope[j]));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"1, 1, 1, 1", "0, 0, 2, 0", "0, 0, 0, 0", "1, 2"})
  void featuresHaveToVaryDifferently(String variances) {
    double[] v = Arrays.stream(variances.split(", ")).mapToDouble(Double::parseDouble).toArray();
    assertThrows(IllegalArgumentException.class, () -> new VariancePenalty(MODEL, v));
  }

  @Test
  void interceptsHaveNoPenalty() {
    UpperFacts facts =
        new UpperFacts(
            MODEL,
            true,
            JudgedClasses.ALL,
            new UpperFacts.Names(List.of(), List.of(), List.of()),
            new UpperFacts.Features(new int[0], List.of(), () -> VARIANCES));
    assertThrows(
        IllegalArgumentException.class, () -> BuiltInVariable.L2_BY_VARIANCE.create(facts, 0));
  }
}
