package io.github.sparkbilevel.problem;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.TestProblems;
import io.github.sparkbilevel.TestProblems.Data;
import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.DenseFeatures;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.Confusion;
import io.github.sparkbilevel.model.LogisticLoss;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.NoisyLabelLoss;
import io.github.sparkbilevel.model.OutputTile;
import io.github.sparkbilevel.model.SoftmaxLoss;
import io.github.sparkbilevel.model.TileColumn;
import io.github.sparkbilevel.problem.oracle.BilevelOracle.Query;
import io.github.sparkbilevel.problem.oracle.BlockOracle;
import io.github.sparkbilevel.problem.oracle.Evaluation;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class NoiseModelTest {
  private static final double STEP = 1e-5;

  static Stream<Arguments> kinds() {
    return Stream.of(
        Arguments.of(new SoftmaxLoss(3), 1),
        Arguments.of(new SoftmaxLoss(3), 3),
        Arguments.of(new SoftmaxLoss(2), 3),
        Arguments.of(new LogisticLoss(), 1),
        Arguments.of(new LogisticLoss(), 3));
  }

  /** Positive counts, most of them on the diagonal. */
  private static Confusion confusion(int classes, int groups) {
    double[] counts = new Random(5).doubles(groups * classes * classes, 0.2, 1).toArray();
    for (int g = 0; g < groups; g++) {
      for (int k = 0; k < classes; k++) {
        counts[(g * classes + k) * classes + k] += 1 + g;
      }
    }
    return Confusion.ofCounts(classes, counts);
  }

  private record Setting(BlockOracle oracle, double[] theta, double[] u, double[] lambda) {

    static Setting of(Loss loss, int groups) {
      Data data = TestProblems.of(loss).groups(3).make();
      NoiseModel noise = new NoiseModel(confusion(loss.classes(), groups));
      BilevelProblem problem =
          new BilevelProblem(data.model(), noise, Penalty.fixed(data.model(), 0.1, false));
      int d = data.model().size();
      return new Setting(
          new BlockOracle(problem, data.engine(), "auto", data.train().count()),
          TestProblems.vector(1, d, 0.6),
          TestProblems.vector(2, d, 0.8),
          TestProblems.vector(3, noise.size(), 0.5));
    }

    Evaluation at(double[] point, double[] upper) {
      return oracle.evaluate(Query.at(point, upper).along(u));
    }
  }

  private static double[] moved(double[] x, int j, double by) {
    double[] other = x.clone();
    other[j] += by;
    return other;
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void gradientIsThatOfTheObjective(Loss loss, int groups) {
    Setting s = Setting.of(loss, groups);
    double[] gradient = s.at(s.theta, s.lambda).gradient();
    for (int j = 0; j < s.theta.length; j++) {
      double difference =
          s.at(moved(s.theta, j, STEP), s.lambda).value()
              - s.at(moved(s.theta, j, -STEP), s.lambda).value();
      assertEquals(difference / (2 * STEP), gradient[j], 1e-9);
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void mixedProductIsTheDerivativeOfTheGradient(Loss loss, int groups) {
    Setting s = Setting.of(loss, groups);
    Evaluation here = s.at(s.theta, s.lambda);
    double[] mixed = s.oracle.mixedProduct(here, s.theta, s.u).values();
    assertEquals(s.lambda.length, mixed.length);
    for (int j = 0; j < s.lambda.length; j++) {
      double difference =
          Vectors.dot(s.at(s.theta, moved(s.lambda, j, STEP)).gradient(), s.u)
              - Vectors.dot(s.at(s.theta, moved(s.lambda, j, -STEP)).gradient(), s.u);
      assertEquals(difference / (2 * STEP), mixed[j], 1e-9);
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void evaluationBehindAMixedProductIsThatOfTheNewLambda(Loss loss, int groups) {
    Setting s = Setting.of(loss, groups);
    Evaluation here = s.at(s.theta, s.lambda);
    s.oracle.mixedProduct(here, s.theta, s.u);
    double[] next = moved(s.lambda, 0, 0.3);
    Evaluation behind = s.at(s.theta, next);
    Evaluation fresh = Setting.of(loss, groups).at(s.theta, next);
    assertEquals(fresh.value(), behind.value());
    assertTrue(Arrays.equals(fresh.gradient(), behind.gradient()));
    assertTrue(behind.value() != here.value());
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void curvatureBoundsTheObjectiveFromAbove(Loss loss, int groups) {
    Setting s = Setting.of(loss, groups);
    Evaluation here = s.at(s.theta, s.lambda);
    for (int draw = 0; draw < 20; draw++) {
      double[] v = TestProblems.vector(100 + draw, s.theta.length, 1e-2);
      double model =
          here.value()
              + Vectors.dot(here.gradient(), v)
              + 0.5 * Vectors.dot(v, here.hessian(0).apply(v));
      assertTrue(s.at(Vectors.plus(s.theta, 1, v), s.lambda).value() <= model + 1e-7);
    }
  }

  @Test
  void priorIsAPartOfTheUpperObjective() {
    NoiseModel noise = new NoiseModel(confusion(3, 1));
    double[] lambda = TestProblems.vector(3, noise.size(), 0.5);
    double[] gradient = new double[noise.size()];
    noise.addUpperTermGradient(lambda, gradient, 0);
    for (int j = 0; j < lambda.length; j++) {
      double difference =
          noise.upperTerm(moved(lambda, j, STEP)) - noise.upperTerm(moved(lambda, j, -STEP));
      assertEquals(difference / (2 * STEP), gradient[j], 1e-9);
    }
    assertEquals(0, noise.upperTerm(noise.start(0)));
  }

  @Test
  void lossOfLabelsKnownToBeRightIsCrossEntropy() {
    Loss clean = new SoftmaxLoss(3);
    Confusion confusion = confusion(3, 2);
    NoisyLabelLoss noisy = new NoisyLabelLoss(clean, confusion);
    DenseFeatures none = DenseFeatures.ofDoubles(2, 0, new double[0]);
    Block rows =
        new Block(new long[] {0, 1}, none, new double[] {2, 0}).withGroups(new int[] {1, 0});
    double[] z = {0.3, -700, 0.1, 700, -2, 1};
    double[] expected = new double[6];
    double[] got = new double[6];
    TileColumn losses = TileColumn.of(new double[2]);
    TileColumn ones = TileColumn.of(1, 1);
    evaluated(clean, z, rows, losses, expected);
    double[] cleanLosses = losses.values().clone();
    Block known = noisy.known(rows);
    evaluated(noisy, z, known, losses, got);
    assertTrue(Arrays.equals(cleanLosses, losses.values()));
    OutputTile p = new OutputTile(expected.clone(), 0, 2, 2);
    clean.residual(p, TileColumn.of(rows.labels()), ones, new OutputTile(expected, 0, 2, 2));
    noisy.residual(p, TileColumn.of(known.labels()), ones, new OutputTile(got, 0, 2, 2));
    assertTrue(Arrays.equals(expected, got));
    Block given = noisy.given(rows);
    assertEquals(3 + 2, given.labels()[0], "group 1, label 2");
    evaluated(noisy, z, given, losses, got);
    double m = 0;
    for (int k = 0; k < 3; k++) {
      m += confusion.probability(1, k, 2) * p.value(k, 0);
    }
    assertEquals(-Math.log(m), losses.value(0), 1e-14);
  }

  private static void evaluated(Loss loss, double[] z, Block rows, TileColumn losses, double[] p) {
    loss.evaluate(
        new OutputTile(z, 0, 2, 2),
        TileColumn.of(rows.labels()),
        new OutputTile(p, 0, 2, 2),
        losses);
  }

  @Test
  void confusionRefusesWhatIsNoMatrixOfCounts() {
    assertThrows(IllegalArgumentException.class, () -> Confusion.ofCounts(3, new double[8]));
    assertThrows(
        IllegalArgumentException.class, () -> Confusion.ofCounts(2, new double[] {1, -1, 0, 1}));
    assertThrows(
        IllegalArgumentException.class,
        () -> new NoisyLabelLoss(new SoftmaxLoss(3), confusion(2, 1)));
  }

  @Test
  void matricesComeBackToTheBit() {
    Confusion confusion = confusion(3, 2);
    double[] matrices = confusion.matrices();
    assertTrue(Arrays.equals(matrices, Confusion.ofMatrices(3, matrices).matrices()));
    for (int row = 0; row < matrices.length; row += 3) {
      assertEquals(1, matrices[row] + matrices[row + 1] + matrices[row + 2], 1e-15);
    }
    Confusion wider = confusion.withClassesAt(k -> k + 1, 4);
    assertEquals(confusion.probability(1, 0, 2), wider.probability(1, 1, 3), 1e-5);
    assertEquals(1, wider.probability(0, 0, 0), 1e-5);
    assertEquals(1, Confusion.matrices((1 << 18) + 1, 2));
    assertEquals(1 << 18, Confusion.matrices(1 << 18, 2));
    assertEquals(1, Confusion.matrices(0, 2));
  }

  @Test
  void classWithoutRowsIsTakenAsRight() {
    Confusion confusion = Confusion.ofCounts(2, new double[] {3, 1, 0, 0});
    assertEquals(0.75, confusion.probability(0, 0, 0), 1e-12);
    assertEquals(1, confusion.probability(0, 1, 1), 2e-6);
    assertEquals((0.75 + confusion.probability(0, 1, 1)) / 2, confusion.reliability(0), 1e-12);
  }
}
