package io.github.sparkbilevel.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.TestProblems;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class LossTest {

  static Stream<Loss> losses() {
    return Stream.of(
        new SquaredLoss(),
        new LogisticLoss(),
        new SoftmaxLoss(2),
        new SoftmaxLoss(3),
        new SoftmaxLoss(26));
  }

  static Stream<Loss> classifiers() {
    return losses().filter(loss -> loss.classes() > 0);
  }

  private static double value(Loss loss, double[] z, double label) {
    return loss.evaluate(z, 0, 1, label, new double[loss.outputs()], 0);
  }

  private static double[] prediction(Loss loss, double[] z) {
    double[] p = new double[loss.outputs()];
    loss.evaluate(z, 0, 1, 0, p, 0);
    return p;
  }

  private static double[] labels(Loss loss) {
    return loss.classes() == 0 ? new double[] {-1.25, 2} : new double[] {0, loss.classes() - 1};
  }

  @ParameterizedTest
  @MethodSource("losses")
  void residualAndCurvatureLeaveATaylorRemainderOfThirdOrder(Loss loss) {
    double[] z = TestProblems.vector(1, loss.outputs(), 1.5);
    double[] t = TestProblems.vector(2, loss.outputs(), 1);
    for (double label : labels(loss)) {
      double[] p = prediction(loss, z);
      double slope = loss.directional(p, 0, label, t, 0, 1);
      double[] bent = t.clone();
      loss.curvatureInPlace(p, 0, 1, bent, 0, 1);
      double curvature = 0;
      for (int k = 0; k < t.length; k++) {
        curvature += t[k] * bent[k];
      }
      double[] remainders = new double[2];
      for (int half = 0; half < 2; half++) {
        double e = 0.02 / (1 << half);
        double[] moved = z.clone();
        for (int k = 0; k < z.length; k++) {
          moved[k] += e * t[k];
        }
        remainders[half] =
            value(loss, moved, label) - value(loss, z, label) - e * slope - e * e / 2 * curvature;
      }
      if (loss instanceof SquaredLoss) {
        assertArrayEquals(new double[2], remainders, 1e-15);
      } else {
        assertEquals(8, remainders[0] / remainders[1], 0.4);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("losses")
  void derivativesAgreeWithEachOther(Loss loss) {
    int k = loss.outputs();
    double[] p = prediction(loss, TestProblems.vector(3, k, 2));
    double[] t = TestProblems.vector(4, k, 1);
    for (double label : labels(loss)) {
      double[] r = new double[k];
      loss.residual(p, 0, label, 1, r, 0, 1);
      double expected = 0;
      for (int j = 0; j < k; j++) {
        expected += r[j] * t[j];
      }
      assertEquals(expected, loss.directional(p, 0, label, t, 0, 1), 1e-14);
    }
    for (int l = 0; l < k; l++) {
      double[] unit = new double[k];
      unit[l] = 1;
      loss.curvatureInPlace(p, 0, 3, unit, 0, 1);
      for (int j = 0; j < k; j++) {
        assertEquals(3 * loss.curvature(p, 0, j, l), unit[j], 1e-15);
        assertEquals(loss.curvature(p, 0, l, j), loss.curvature(p, 0, j, l), 0);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("losses")
  void stridesAndOffsetsChangeNothing(Loss loss) {
    int k = loss.outputs();
    double[] z = TestProblems.vector(5, k, 2);
    double[] t = TestProblems.vector(6, k, 2);
    int stride = 3;
    double[] wideZ = new double[2 + k * stride];
    double[] wideT = new double[2 + k * stride];
    for (int j = 0; j < k; j++) {
      wideZ[2 + j * stride] = z[j];
      wideT[2 + j * stride] = t[j];
    }
    double label = labels(loss)[1];
    double[] p = new double[k];
    double[] wideP = new double[k + 4];
    assertEquals(
        loss.evaluate(z, 0, 1, label, p, 0), loss.evaluate(wideZ, 2, stride, label, wideP, 4), 0);
    assertArrayEquals(p, Arrays.copyOfRange(wideP, 4, 4 + k), 0);
    assertEquals(
        loss.directional(p, 0, label, t, 0, 1),
        loss.directional(wideP, 4, label, wideT, 2, stride),
        0);
    double[] r = new double[k];
    double[] wideR = new double[2 + k * stride];
    loss.residual(p, 0, label, 0.5, r, 0, 1);
    loss.residual(wideP, 4, label, 0.5, wideR, 2, stride);
    loss.curvatureInPlace(p, 0, 0.5, t, 0, 1);
    loss.curvatureInPlace(wideP, 4, 0.5, wideT, 2, stride);
    for (int j = 0; j < k; j++) {
      assertEquals(r[j], wideR[2 + j * stride], 0);
      assertEquals(t[j], wideT[2 + j * stride], 0);
    }
  }

  @ParameterizedTest
  @MethodSource("classifiers")
  void marginsOfSevenHundredStayFinite(Loss loss) {
    int k = loss.outputs();
    for (double margin : new double[] {-1e6, -700, 700, 1e6}) {
      double[] z = new double[k];
      z[k - 1] = margin;
      double[] p = prediction(loss, z);
      for (double label : labels(loss)) {
        double value = value(loss, z, label);
        assertTrue(value >= 0 && Double.isFinite(value), margin + ": " + value);
        double[] t = TestProblems.vector(7, k, 1);
        assertTrue(Double.isFinite(loss.directional(p, 0, label, t, 0, 1)));
        loss.curvatureInPlace(p, 0, 1, t, 0, 1);
        assertTrue(Arrays.stream(t).allMatch(Double::isFinite));
      }
      // The loss of a label that is ruled out grows like the margin.
      double away = value(loss, z, margin > 0 ? 0 : loss.classes() - 1.0);
      assertEquals(Math.abs(margin), away, Math.log(loss.classes()) + 1e-6);
    }
  }

  @ParameterizedTest
  @MethodSource("classifiers")
  void probabilitiesSumToOneAndLossIsTheirLogarithm(Loss loss) {
    for (double scale : new double[] {0, 0.1, 5, 700}) {
      double[] z = TestProblems.vector(8, loss.outputs(), Math.max(scale, 1e-300));
      double[] p = prediction(loss, z);
      double sum = 0;
      for (int label = 0; label < loss.classes(); label++) {
        double probability = loss.probability(p, 0, label);
        sum += probability;
        if (probability > 1e-3) {
          assertEquals(-Math.log(probability), value(loss, z, label), 1e-12);
        }
      }
      assertEquals(1, sum, 1e-14);
    }
  }

  @Test
  void softmaxOfTwoClassesIsLogistic() {
    Loss binary = new LogisticLoss();
    Loss softmax = new SoftmaxLoss(2);
    for (double margin : new double[] {-30, -2, 0, 0.5, 9}) {
      double[] one = {margin};
      double[] two = {0.25, 0.25 + margin};
      for (double label = 0; label < 2; label++) {
        assertEquals(value(binary, one, label), value(softmax, two, label), 1e-13);
        assertEquals(
            binary.probability(prediction(binary, one), 0, label),
            softmax.probability(prediction(softmax, two), 0, label),
            1e-14);
      }
    }
  }

  @Test
  void lowestOfEqualClassesIsPreferred() {
    assertEquals(0, new SoftmaxLoss(3).predict(new double[] {0.4, 0.4, 0.2}, 0));
    assertEquals(1, new SoftmaxLoss(3).predict(new double[] {9, 0.2, 0.4, 0.4}, 1));
    assertEquals(0, new LogisticLoss().predict(new double[] {0.5}, 0));
    assertEquals(1, new LogisticLoss().predict(new double[] {0.5001}, 0));
    assertEquals(-2.5, new SquaredLoss().predict(new double[] {-2.5}, 0));
  }

  @Test
  void likelihoodOfARealLabelFallsWithItsLoss() {
    Loss loss = new SquaredLoss();
    assertEquals(Math.exp(-2), loss.probability(new double[] {3}, 0, 1), 1e-15);
    assertEquals(2, value(loss, new double[] {3}, 1), 0);
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 1})
  void fewerThanTwoClassesAreRefused(int classes) {
    var thrown = assertThrows(IllegalArgumentException.class, () -> new SoftmaxLoss(classes));
    assertTrue(thrown.getMessage().startsWith("got " + classes), thrown.getMessage());
  }

  @Test
  void parametersLieOutputAfterOutputWithTheirIntercept() {
    LinearModel model = new LinearModel(new SoftmaxLoss(3), 4, true);
    assertEquals(15, model.size());
    assertEquals(5, model.columnLength());
    List<Integer> intercepts =
        Stream.iterate(0, j -> j + 1).limit(15).filter(model::isIntercept).toList();
    assertEquals(List.of(4, 9, 14), intercepts);
    assertTrue(model.hasFreeInterceptShift());
    assertEquals(12, new LinearModel(new SoftmaxLoss(3), 4, false).size());
  }
}
