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
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class LossTest {

  static Stream<Loss> losses() {
    return Stream.of(
        new SquaredLoss(),
        new HuberLoss(0.8, 0),
        new QuantileLoss(0.3, 0.7, 0),
        new TweedieLoss(1, 0),
        new TweedieLoss(1.6, 0),
        new TweedieLoss(2, 0),
        new LogisticLoss(),
        new SquaredHingeLoss(),
        new MultiLabelLoss(1),
        new MultiLabelLoss(3),
        new SoftmaxLoss(2),
        new SoftmaxLoss(3),
        new SoftmaxLoss(26));
  }

  /** Those of probabilities. */
  static Stream<Loss> classifiers() {
    return losses().filter(l -> l.classes() > 0 && !(l instanceof SquaredHingeLoss));
  }

  static double value(Loss loss, double[] z, double label) {
    return evaluate(loss, z, label, OutputTile.ofRow(new double[loss.outputs()], 0));
  }

  private static double evaluate(Loss loss, double[] z, double label, OutputTile p) {
    TileColumn value = TileColumn.of(new double[1]);
    loss.evaluate(OutputTile.ofRow(z, 0), TileColumn.of(label), p, value);
    return value.value(0);
  }

  private static OutputTile prediction(Loss loss, double[] z) {
    OutputTile p = OutputTile.ofRow(new double[loss.outputs()], 0);
    evaluate(loss, z, 0, p);
    return p;
  }

  private static double directional(Loss loss, OutputTile p, double label, double[] t) {
    TileColumn along = TileColumn.of(new double[1]);
    loss.directional(p, TileColumn.of(label), OutputTile.ofRow(t, 0), along);
    return along.value(0);
  }

  /** s C t. */
  private static double[] curved(Loss loss, OutputTile p, double label, double s, double[] t) {
    double[] bent = t.clone();
    loss.curvatureInPlace(p, TileColumn.of(label), TileColumn.of(s), OutputTile.ofRow(bent, 0));
    return bent;
  }

  private static double curvature(Loss loss, OutputTile p, double label, int k, int l) {
    TileColumn entry = TileColumn.of(new double[1]);
    loss.curvature(p, TileColumn.of(label), k, l, TileColumn.of(1), entry);
    return entry.value(0);
  }

  private static double[] labels(Loss loss) {
    if (loss instanceof MultiLabelLoss several) {
      return new double[] {0, (1 << several.labels()) - 2 + several.labels() % 2};
    }
    if (loss.leastLabel() >= 0) {
      return new double[] {0.25, 3};
    }
    return loss.classes() == 0 ? new double[] {-1.25, 2} : new double[] {0, loss.classes() - 1};
  }

  @ParameterizedTest
  @MethodSource("losses")
  void residualAndCurvatureLeaveATaylorRemainderOfThirdOrder(Loss loss) {
    double[] z = TestProblems.vector(1, loss.outputs(), 1.5);
    double[] t = TestProblems.vector(2, loss.outputs(), 1);
    for (double label : labels(loss)) {
      OutputTile p = prediction(loss, z);
      double slope = directional(loss, p, label, t);
      double[] bent = curved(loss, p, label, 1, t);
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
      if (loss instanceof SquaredLoss || loss instanceof SquaredHingeLoss) {
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
    OutputTile p = prediction(loss, TestProblems.vector(3, k, 2));
    double[] t = TestProblems.vector(4, k, 1);
    for (double label : labels(loss)) {
      double[] r = new double[k];
      loss.residual(p, TileColumn.of(label), TileColumn.of(1), OutputTile.ofRow(r, 0));
      double expected = 0;
      for (int j = 0; j < k; j++) {
        expected += r[j] * t[j];
      }
      assertEquals(expected, directional(loss, p, label, t), 1e-14);
    }
    double label = labels(loss)[1];
    for (int l = 0; l < k; l++) {
      double[] unit = new double[k];
      unit[l] = 1;
      double[] bent = curved(loss, p, label, 3, unit);
      for (int j = 0; j < k; j++) {
        assertEquals(3 * curvature(loss, p, label, j, l), bent[j], 1e-14);
        assertEquals(curvature(loss, p, label, l, j), curvature(loss, p, label, j, l), 0);
      }
    }
  }

  /** A tile of rows, some of whose outputs are far apart, gives each row what it has alone. */
  @ParameterizedTest
  @MethodSource("losses")
  void aTileGivesEachRowWhatItHasAlone(Loss loss) {
    int k = loss.outputs();
    int n = 19;
    int stride = 23;
    OutputTile z = new OutputTile(TestProblems.vector(5, 2 + k * stride, 2), 2, stride, n);
    OutputTile t = new OutputTile(TestProblems.vector(6, 2 + k * stride, 2), 2, stride, n);
    OutputTile p = new OutputTile(new double[2 + k * stride], 2, stride, n);
    OutputTile r = new OutputTile(new double[2 + k * stride], 2, stride, n);
    z.values()[z.column(k - 1) + 3] = 700;
    z.values()[z.column(0) + 4] = -700;
    double[] labels = new double[n];
    Arrays.setAll(labels, i -> labels(loss)[i % 2]);
    double[] s = TestProblems.vector(7, n, 1);
    TileColumn of = TileColumn.of(labels);
    TileColumn losses = TileColumn.of(new double[n]);
    TileColumn along = TileColumn.of(new double[n]);
    loss.evaluate(z, of, p, losses);
    loss.directional(p, of, t, along);
    loss.residual(p, of, TileColumn.of(s), r);
    OutputTile bent = new OutputTile(t.values().clone(), 2, stride, n);
    loss.curvatureInPlace(p, of, TileColumn.of(s), bent);
    for (int i = 0; i < n; i++) {
      double[] zi = row(z, i, k);
      double[] ti = row(t, i, k);
      OutputTile pi = prediction(loss, zi);
      assertEquals(value(loss, zi, labels[i]), losses.value(i), 0);
      assertArrayEquals(pi.values(), row(p, i, k), 0);
      assertEquals(directional(loss, pi, labels[i], ti), along.value(i), 0);
      assertArrayEquals(curved(loss, pi, labels[i], s[i], ti), row(bent, i, k), 0);
      double[] ri = new double[k];
      loss.residual(pi, TileColumn.of(labels[i]), TileColumn.of(s[i]), OutputTile.ofRow(ri, 0));
      assertArrayEquals(ri, row(r, i, k), 0);
      assertEquals(loss.predict(pi, 0), loss.predict(p, i), 0);
    }
  }

  private static double[] row(OutputTile tile, int i, int k) {
    double[] row = new double[k];
    Arrays.setAll(row, j -> tile.value(j, i));
    return row;
  }

  @ParameterizedTest
  @MethodSource("classifiers")
  void marginsOfSevenHundredStayFinite(Loss loss) {
    int k = loss.outputs();
    for (double margin : new double[] {-1e6, -700, 700, 1e6}) {
      double[] z = new double[k];
      z[k - 1] = margin;
      OutputTile p = prediction(loss, z);
      for (double label : labels(loss)) {
        double value = value(loss, z, label);
        assertTrue(value >= 0 && Double.isFinite(value), margin + ": " + value);
        double[] t = TestProblems.vector(7, k, 1);
        assertTrue(Double.isFinite(directional(loss, p, label, t)));
        assertTrue(Arrays.stream(curved(loss, p, label, 1, t)).allMatch(Double::isFinite));
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
      OutputTile p = prediction(loss, z);
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

  /** Mean loss of rows that are alike, a share of which is of class 1, is least at its link. */
  @ParameterizedTest
  @CsvSource({"0, 0", "0.25, 0.25", "0.5, 0.5", "0.9, 0.9", "1, 1"})
  void probabilityOfASquaredHingeIsTheShareThatItsMinimumBelongsTo(double share, double expected) {
    Loss loss = new SquaredHingeLoss();
    double[] z = {2 * share - 1};
    OutputTile p = prediction(loss, z);
    double slope =
        share * directional(loss, p, 1, new double[] {1})
            + (1 - share) * directional(loss, p, 0, new double[] {1});
    assertEquals(0, slope, 1e-15);
    assertEquals(expected, loss.probability(p, 0, 1), 1e-15);
    assertEquals(1 - expected, loss.probability(p, 0, 0), 1e-15);
    assertEquals(share > 0.5 ? 1 : 0, loss.predict(p, 0), 0);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 1, 1, -2, 2",
    "0, 0, 1, 2, 2",
    "-2, 1, 9, -6, 2",
    "5, 1, 0, 0, 0",
    "0.5, 0, 2.25, 3, 2"
  })
  void squaredHingeHasNoHalfAndNothingBeyondItsMargin(
      double z, double label, double value, double residual, double curvature) {
    Loss loss = new SquaredHingeLoss();
    OutputTile p = OutputTile.ofRow(new double[1], 0);
    assertEquals(value, evaluate(loss, new double[] {z}, label, p), 0);
    assertEquals(residual, directional(loss, p, label, new double[] {1}), 0);
    assertEquals(curvature, curvature(loss, p, label, 0, 0), 0);
  }

  /** Several labels are as many logistic losses, whose code has the first label in its last bit. */
  @Test
  void severalLabelsAreTheSumOfTheirLogisticLosses() {
    Loss several = new MultiLabelLoss(3);
    double[] z = {0.7, -1.2, 30};
    for (int code = 0; code < 8; code++) {
      OutputTile p = prediction(several, z);
      double sum = 0;
      double likelihood = 1;
      int right = 0;
      for (int k = 0; k < 3; k++) {
        double label = code >> k & 1;
        Loss one = new LogisticLoss();
        OutputTile own = OutputTile.ofRow(new double[1], 0);
        sum += evaluate(one, new double[] {z[k]}, label, own);
        likelihood *= one.probability(own, 0, label);
        right += one.predict(own, 0) == label ? 1 : 0;
        assertEquals(own.value(0, 0), p.value(k, 0), 0);
      }
      assertEquals(sum, value(several, z, code), 1e-14 * sum);
      assertEquals(likelihood, several.probability(p, 0, code), 1e-15);
      assertEquals(right / 3.0, several.accuracy(p, 0, code), 1e-15);
      assertEquals(5, several.predict(p, 0), 0);
    }
  }

  @Test
  void lowestOfEqualClassesIsPreferred() {
    assertEquals(
        0, new SoftmaxLoss(3).predict(OutputTile.ofRow(new double[] {0.4, 0.4, 0.2}, 0), 0));
    assertEquals(
        1, new SoftmaxLoss(3).predict(OutputTile.ofRow(new double[] {9, 0.2, 0.4, 0.4}, 1), 0));
    assertEquals(0, new LogisticLoss().predict(OutputTile.ofRow(new double[] {0.5}, 0), 0));
    assertEquals(1, new LogisticLoss().predict(OutputTile.ofRow(new double[] {0.5001}, 0), 0));
    assertEquals(-2.5, new SquaredLoss().predict(OutputTile.ofRow(new double[] {-2.5}, 0), 0));
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
