package io.github.sparkbilevel.problem;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.sparkbilevel.TestProblems;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.model.LogisticLoss;
import io.github.sparkbilevel.model.SoftmaxLoss;
import io.github.sparkbilevel.problem.Penalty.Sharing;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
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
    double value = Penalty.fixed(plain, 0.5, false).penalty(new double[] {3, -4}, new double[0]);
    assertEquals(0.5 * 0.5 * 25, value, 1e-15);
  }

  /** λ = log 2, log 3, … for the given size. */
  private static double[] logs(int size) {
    double[] lambda = new double[size];
    Arrays.setAll(lambda, g -> Math.log(2 + g));
    return lambda;
  }

  static Stream<Arguments> sharings() {
    return Stream.of(
        Arguments.of(Sharing.ONE, false, 1, new double[] {2, 2, 0, 2, 2, 0, 2, 2, 0}),
        Arguments.of(Sharing.ONE, true, 1, new double[] {2, 2, 2, 2, 2, 2, 2, 2, 2}),
        Arguments.of(Sharing.PER_CLASS, false, 3, new double[] {2, 2, 0, 3, 3, 0, 4, 4, 0}),
        Arguments.of(Sharing.PER_CLASS, true, 3, new double[] {2, 2, 2, 3, 3, 3, 4, 4, 4}),
        Arguments.of(Sharing.PER_FEATURE, false, 2, new double[] {2, 3, 0, 2, 3, 0, 2, 3, 0}),
        Arguments.of(Sharing.PER_FEATURE, true, 3, new double[] {2, 3, 4, 2, 3, 4, 2, 3, 4}),
        Arguments.of(Sharing.PER_COEFFICIENT, false, 6, new double[] {2, 3, 0, 4, 5, 0, 6, 7, 0}),
        Arguments.of(Sharing.PER_COEFFICIENT, true, 9, new double[] {2, 3, 4, 5, 6, 7, 8, 9, 10}));
  }

  @ParameterizedTest
  @MethodSource("sharings")
  void coefficientsShareTheEntriesOfLambda(
      Sharing sharing, boolean intercepts, int size, double[] expected) {
    Penalty penalty = Penalty.tuned(MODEL, sharing, intercepts);
    assertEquals(size, penalty.size());
    assertArrayEquals(expected, penalty.strengths(logs(size)), 1e-13);
  }

  @ParameterizedTest
  @MethodSource("sharings")
  void valueAndHessianProductFollowFromTheStrengths(
      Sharing sharing, boolean intercepts, int size, double[] c) {
    Penalty penalty = Penalty.tuned(MODEL, sharing, intercepts);
    double[] theta = TestProblems.vector(3, c.length, 1);
    double value = 0;
    double[] product = TestProblems.vector(4, c.length, 1);
    double[] expected = product.clone();
    for (int j = 0; j < c.length; j++) {
      value += c[j] * theta[j] * theta[j] / 2;
      expected[j] += c[j] * theta[j];
    }
    assertEquals(value, penalty.penalty(theta, logs(size)), 1e-13);
    penalty.addPenaltyProduct(theta, logs(size), product);
    assertArrayEquals(expected, product, 1e-13);
  }

  @Test
  void withoutInterceptsThereIsNothingToExclude() {
    LinearModel plain = new LinearModel(new SoftmaxLoss(2), 2, false);
    for (boolean intercepts : new boolean[] {true, false}) {
      assertEquals(2, Penalty.tuned(plain, Sharing.PER_FEATURE, intercepts).size());
      assertEquals(4, Penalty.tuned(plain, Sharing.PER_COEFFICIENT, intercepts).size());
      assertEquals(2, Penalty.grouped(plain, new int[] {1, 0}, 2, intercepts).size());
    }
  }

  @Test
  void groupsOfFeaturesHaveAPenaltyEachAndPenalisedInterceptsTheLast() {
    LinearModel model = new LinearModel(new SoftmaxLoss(2), 3, true);
    int[] groups = {1, 0, 1};
    Penalty without = Penalty.grouped(model, groups, 2, false);
    assertEquals(2, without.size());
    assertArrayEquals(new double[] {3, 2, 3, 0, 3, 2, 3, 0}, without.strengths(logs(2)), 1e-13);
    Penalty with = Penalty.grouped(model, groups, 2, true);
    assertEquals(3, with.size());
    assertArrayEquals(new double[] {3, 2, 3, 4, 3, 2, 3, 4}, with.strengths(logs(3)), 1e-13);
    // A group that no feature is in has an entry all the same, and no effect.
    Penalty third = Penalty.grouped(model, groups, 3, false);
    double[] theta = TestProblems.vector(5, model.size(), 1);
    assertEquals(0, third.penaltyMixedProduct(theta, theta, logs(3))[2], 0);
  }

  @Test
  void groupsThatDoNotFitTheFeaturesAreRefused() {
    var few =
        assertThrows(
            IllegalArgumentException.class, () -> Penalty.grouped(MODEL, new int[] {0}, 1, false));
    assertEquals("got the groups of 1 features, expected 2", few.getMessage());
    for (int wrong : new int[] {-1, 2}) {
      var outside =
          assertThrows(
              IllegalArgumentException.class,
              () -> Penalty.grouped(MODEL, new int[] {0, wrong}, 2, true));
      assertEquals("got group " + wrong + ", expected one from 0 to 1", outside.getMessage());
    }
  }

  static Stream<Penalty> tuned() {
    List<Penalty> all = new ArrayList<>();
    for (boolean intercepts : new boolean[] {true, false}) {
      for (Sharing sharing : Sharing.values()) {
        all.add(Penalty.tuned(MODEL, sharing, intercepts));
      }
      all.add(Penalty.grouped(MODEL, new int[] {1, 0}, 2, intercepts));
      all.add(Penalty.grouped(MODEL, new int[] {0, 0}, 1, intercepts));
    }
    return all.stream();
  }

  @ParameterizedTest
  @MethodSource("tuned")
  void mixedProductIsTheDerivativeOfTheGradientAlongTheAdjoint(Penalty penalty) {
    double[] theta = TestProblems.vector(1, MODEL.size(), 1);
    double[] u = TestProblems.vector(2, MODEL.size(), 1);
    double[] lambda = TestProblems.vector(6, penalty.size(), 1.5);
    double h = 1e-5;
    double[] expected = new double[penalty.size()];
    for (int g = 0; g < expected.length; g++) {
      double[] unit = new double[expected.length];
      unit[g] = 1;
      double[] up = new double[MODEL.size()];
      double[] down = new double[MODEL.size()];
      penalty.addPenaltyProduct(theta, Vectors.plus(lambda, h, unit), up);
      penalty.addPenaltyProduct(theta, Vectors.plus(lambda, -h, unit), down);
      expected[g] = Vectors.dot(Vectors.plus(up, -1, down), u) / (2 * h);
    }
    assertArrayEquals(expected, penalty.penaltyMixedProduct(theta, u, lambda), 1e-9);
  }

  @Test
  void fixedPenaltyHasNothingToTune() {
    Penalty penalty = Penalty.fixed(MODEL, 1, false);
    double[] theta = TestProblems.vector(1, MODEL.size(), 1);
    assertEquals(0, penalty.size());
    assertEquals(0, penalty.penaltyMixedProduct(theta, theta, new double[0]).length);
  }

  @ParameterizedTest
  @ValueSource(doubles = {-1e-9, Double.NaN, Double.POSITIVE_INFINITY})
  void strengthThatIsNoPenaltyIsRefused(double l2) {
    assertThrows(IllegalArgumentException.class, () -> Penalty.fixed(MODEL, l2, false));
  }

  @Test
  void softmaxInterceptsHaveAFlatDirectionUntilTheyArePenalised() {
    double[] none = {};
    UpperVariable rows = UpperVariable.NONE;
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
