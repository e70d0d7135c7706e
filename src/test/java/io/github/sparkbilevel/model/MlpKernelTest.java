package io.github.sparkbilevel.model;

import static io.github.sparkbilevel.Differences.assertClose;
import static io.github.sparkbilevel.Differences.difference;
import static io.github.sparkbilevel.Differences.times;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.TestProblems;
import io.github.sparkbilevel.TestProblems.Storage;
import io.github.sparkbilevel.linalg.KroneckerBasis;
import io.github.sparkbilevel.linalg.KroneckerFactors;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.problem.sampling.RowDraw;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every sum of a network over the rows of a block, against loops over units and differences. */
class MlpKernelTest {
  private static final LabelDraws NO_DRAWS = (id, number) -> 0.5;

  record Case(Loss loss, Activation activation, List<Integer> hidden, Storage storage) {}

  static Stream<Case> cases() {
    List<Case> cases = new ArrayList<>();
    List<List<Integer>> shapes = List.of(List.of(), List.of(4), List.of(3, 5));
    for (Loss loss : List.of(new SquaredLoss(), new LogisticLoss(), new SoftmaxLoss(3))) {
      for (Activation activation : Activation.values()) {
        for (List<Integer> hidden : shapes) {
          cases.add(new Case(loss, activation, hidden, Storage.DENSE_64));
        }
      }
      cases.add(new Case(loss, Activation.GELU, List.of(3, 2), Storage.CSR_SHIFTED));
    }
    return cases.stream();
  }

  static Stream<Case> smoothCases() {
    return cases().filter(of -> of.activation() != Activation.RELU);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void valueAndLossesAreThoseOfLoopsOverUnits(Case of) {
    MlpSetting at = new MlpSetting(of, 12);
    RowOutputs outputs = at.outputs(false);
    double[] sums = at.evaluate(at.theta, null, outputs);
    assertEquals(at.reference.value(at.theta, at.weights), sums[0], 1e-12 * (1 + sums[0]));
    for (int i = 0; i < 12; i++) {
      assertEquals(at.reference.loss(at.theta, i), outputs.losses()[i], 1e-12);
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void gradientIsTheDifferenceOfValues(Case of) {
    MlpSetting at = new MlpSetting(of, 12);
    double[] expected = new double[at.d];
    for (int j = 0; j < at.d; j++) {
      double[] unit = new double[at.d];
      unit[j] = 1;
      expected[j] =
          difference(x -> new double[] {at.reference.value(x, at.weights)}, at.theta, unit)[0];
    }
    assertClose(expected, at.gradient(at.theta), 1e-8);
  }

  @ParameterizedTest
  @MethodSource("smoothCases")
  void remainderOfTheTaylorSeriesFallsWithTheThirdPowerOfTheStep(Case of) {
    MlpSetting at = new MlpSetting(of, 20, true);
    double value = at.reference.value(at.theta, at.weights);
    double slope = Vectors.dot(at.gradient(at.theta), at.direction);
    double[] product = new double[at.d];
    at.kernel.product(at.block, at.point(), at.direction, new int[] {0}, product, 0);
    double curvature = Vectors.dot(product, at.direction);
    double before = Double.NaN;
    for (double h : new double[] {1e-2, 5e-3}) {
      double moved = at.reference.value(Vectors.plus(at.theta, h, at.direction), at.weights);
      double remainder = Math.abs(moved - value - h * slope - h * h * curvature / 2);
      if (remainder < 1e-11) {
        return;
      }
      assertTrue(Double.isNaN(before) || remainder < before / 6, before + " then " + remainder);
      before = remainder;
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void tangentsAreDifferencesOfOutputs(Case of) {
    MlpSetting at = new MlpSetting(of, 12);
    RowOutputs outputs = at.outputs(true);
    at.kernel.predict(at.block, at.theta, 1, at.direction, outputs);
    int k = at.model.outputs();
    for (int i = 0; i < 12; i++) {
      int row = i;
      double[] expected = difference(x -> at.reference.outputs(x, row), at.theta, at.direction);
      double[] tangents = new double[k];
      Arrays.setAll(tangents, j -> outputs.tangents()[j * 12 + row]);
      assertClose(expected, tangents, 1e-8);
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void productsAreThoseWithTheDenseGaussNewtonMatrix(Case of) {
    MlpSetting at = new MlpSetting(of, 12);
    double[][] h = at.reference.gaussNewton(at.theta, at.weights);
    double[] second = TestProblems.vector(4, at.d, 1);
    double[] directions = Arrays.copyOf(at.direction, 2 * at.d);
    System.arraycopy(second, 0, directions, at.d, at.d);
    double[] sums = new double[2 * at.d];
    at.kernel.product(at.block, at.point(), directions, new int[] {0, 0}, sums, 0);
    assertClose(times(h, at.direction), Vectors.slice(sums, 0, at.d), 1e-8);
    assertClose(times(h, second), Vectors.slice(sums, at.d, at.d), 1e-8);
    double[] withTangent = at.evaluate(at.theta, at.direction, at.outputs(true));
    assertClose(times(h, at.direction), Vectors.slice(withTangent, 1 + at.d, at.d), 1e-8);
  }

  @ParameterizedTest
  @MethodSource("smoothCases")
  void exactProductsAreDifferencesOfGradients(Case of) {
    MlpSetting at = new MlpSetting(of, 12, true);
    double[] expected = difference(at::gradient, at.theta, at.direction);
    double[] sums = new double[at.d];
    at.kernel.product(at.block, at.point(), at.direction, new int[] {0}, sums, 0);
    assertClose(expected, sums, 1e-8);
    double[] withTangent = at.evaluate(at.theta, at.direction, at.outputs(true));
    assertClose(expected, Vectors.slice(withTangent, 1 + at.d, at.d), 1e-8);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void formedHessianAndItsDiagonalAreThoseOfTheReference(Case of) {
    MlpSetting at = new MlpSetting(of, 9);
    double[][] h = at.reference.gaussNewton(at.theta, at.weights);
    double[] formed = new double[at.d * at.d];
    at.kernel.hessian(at.block, at.point(), formed, 0);
    double[] diagonal = new double[at.d];
    at.kernel.hessianDiagonal(at.block, at.point(), diagonal, 0);
    for (int j = 0; j < at.d; j++) {
      assertClose(h[j], Vectors.slice(formed, j * at.d, at.d), 1e-8);
      assertEquals(h[j][j], diagonal[j], 1e-8 * (1 + h[j][j]));
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void eigenScalesAreTheDiagonalInTheBases(Case of) {
    MlpSetting at = new MlpSetting(of, 9);
    double[] sums = new double[at.kernel.factorSums()];
    at.kernel.kroneckerFactors(at.block, at.point(), NO_DRAWS, sums, 0);
    List<KroneckerBasis> bases =
        at.kernel.factors(sums, 0, 9).stream().map(KroneckerBasis::of).toList();
    double[] scales = new double[at.d];
    at.kernel.eigenScales(at.block, at.point(), bases, scales, 0);
    double[][] h = at.reference.gaussNewton(at.theta, at.weights);
    for (int l = 0; l < bases.size(); l++) {
      ParameterBlock layer = at.model.parameters().get(l);
      int q = layer.height();
      for (int b = 0; b < layer.outputs(); b++) {
        for (int a = 0; a < q; a++) {
          double[] v = new double[at.d];
          for (int o = 0; o < layer.outputs(); o++) {
            for (int j = 0; j < q; j++) {
              v[layer.at() + o * q + j] =
                  bases.get(l).inputs().vectors()[a * q + j]
                      * bases.get(l).outputs().vectors()[b * layer.outputs() + o];
            }
          }
          double expected = Vectors.dot(v, times(h, v));
          assertEquals(expected, scales[layer.at() + b * q + a], 1e-8 * (1 + expected));
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void severalSetsInOneCallAreThoseOfEach(Case of) {
    MlpSetting at = new MlpSetting(of, 12);
    double[] other = TestProblems.vector(8, at.d, 0.5);
    double[] stacked = Arrays.copyOf(at.theta, 2 * at.d);
    System.arraycopy(other, 0, stacked, at.d, at.d);
    RowOutputs outputs = RowOutputs.allocate(12, 2, at.model.outputs(), false);
    double[] sums = new double[2 + 2 * at.d];
    double[] weights = Arrays.copyOf(at.weights, 24);
    System.arraycopy(at.weights, 0, weights, 12, 12);
    at.kernel.evaluate(at.block, stacked, 2, null, RowWeights.of(weights, 12), outputs, sums, 0);
    assertArrayEquals(at.gradient(at.theta), Vectors.slice(sums, 2, at.d), 1e-13);
    assertArrayEquals(at.gradient(other), Vectors.slice(sums, 2 + at.d, at.d), 1e-13);
    double[] product = new double[at.d];
    at.kernel.product(
        at.block,
        new BlockKernel.At(stacked, outputs.predictions(), weights, 2),
        at.direction,
        new int[] {1},
        product,
        0);
    RowOutputs alone = at.outputs(false);
    at.kernel.predict(at.block, other, 1, null, alone);
    BlockKernel.At point = BlockKernel.At.one(other, alone.predictions(), at.weights);
    double[] expected = new double[at.d];
    at.kernel.product(at.block, point, at.direction, new int[] {0}, expected, 0);
    assertArrayEquals(expected, product, 1e-13);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void lossesAlongAStepAreTheValuesThere(Case of) {
    MlpSetting at = new MlpSetting(of, 12);
    double[] values = new double[2];
    double[] steps = {1, 0.25};
    at.kernel.lossesAlong(at.block, at.theta, at.direction, steps, at.weights, values, 0);
    assertEquals(at.reference.value(at.theta, at.weights), values[0], 1e-10);
    double[] moved = Vectors.plus(at.theta, 0.75, at.direction);
    assertEquals(at.reference.value(moved, at.weights), values[1], 1e-10);
  }

  private static double[] kronecker(KroneckerFactors layer, double[] v) {
    int q = (int) Math.sqrt(layer.inputs().length);
    int k = (int) Math.sqrt(layer.outputs().length);
    double[] image = new double[q * k];
    for (int o = 0; o < k; o++) {
      for (int j = 0; j < q; j++) {
        for (int p = 0; p < k; p++) {
          for (int i = 0; i < q; i++) {
            image[o * q + j] +=
                layer.outputs()[o + p * k] * layer.inputs()[j + i * q] * v[p * q + i];
          }
        }
      }
    }
    return image;
  }

  private static List<KroneckerFactors> factors(MlpSetting at, LabelDraws draws) {
    double[] sums = new double[at.kernel.factorSums()];
    at.kernel.kroneckerFactors(at.block, at.point(), draws, sums, 0);
    return at.kernel.factors(sums, 0, at.block.rows());
  }

  @Test
  void factorsAreExactForOneLayerWithSquaredLossAndAnyWeights() {
    MlpSetting at =
        new MlpSetting(
            new Case(new SquaredLoss(), Activation.TANH, List.of(), Storage.DENSE_64), 30);
    double[] product = new double[at.d];
    at.kernel.product(at.block, at.point(), at.direction, new int[] {0}, product, 0);
    double[] expected = Vectors.scaled(1.0 / 30, product);
    assertClose(expected, kronecker(factors(at, NO_DRAWS).get(0), at.direction), 1e-12);
  }

  @Test
  void factorsOfTheLastLayerOfADeepLinearNetworkWithSquaredLossAreExact() {
    Case of = new Case(new SquaredLoss(), Activation.IDENTITY, List.of(4, 3), Storage.DENSE_64);
    MlpSetting at = new MlpSetting(of, 30);
    ParameterBlock last = at.model.last();
    double[] v = new double[at.d];
    System.arraycopy(at.direction, last.at(), v, last.at(), last.size());
    double[] product = new double[at.d];
    at.kernel.product(at.block, at.point(), v, new int[] {0}, product, 0);
    double[] expected = Vectors.scaled(1.0 / 30, Vectors.slice(product, last.at(), last.size()));
    double[] got =
        kronecker(factors(at, NO_DRAWS).get(2), Vectors.slice(v, last.at(), last.size()));
    assertClose(expected, got, 1e-12);
  }

  /** Root mean square error of the factors B of all layers, over many draws. */
  private static double drawnError(Loss loss, int samples) {
    Case of = new Case(loss, Activation.TANH, List.of(4), Storage.DENSE_64);
    MlpSetting exact = new MlpSetting(of, 40);
    MlpSetting drawn = new MlpSetting(of, 40, false, new Fisher.MonteCarlo(samples, 0));
    List<KroneckerFactors> expected = factors(exact, NO_DRAWS);
    double square = 0;
    for (int t = 0; t < 30; t++) {
      long seed = 100 * samples + t;
      List<KroneckerFactors> got =
          factors(drawn, (id, number) -> RowDraw.uniform(seed, number, id));
      for (int l = 0; l < got.size(); l++) {
        assertArrayEquals(expected.get(l).inputs(), got.get(l).inputs(), 1e-12);
        double[] e = Vectors.plus(got.get(l).outputs(), -1, expected.get(l).outputs());
        square += Vectors.dot(e, e) / 30;
      }
    }
    return Math.sqrt(square);
  }

  @Test
  void drawnFactorsApproachTheExactOnesLikeOneOverTheRootOfTheSamples() {
    for (Loss loss : List.of(new SquaredLoss(), new LogisticLoss(), new SoftmaxLoss(3))) {
      double few = drawnError(loss, 4);
      double more = drawnError(loss, 64);
      double most = drawnError(loss, 1024);
      assertEquals(4, few / more, 1.2, loss + " from 4 to 64 samples");
      assertEquals(4, more / most, 1.2, loss + " from 64 to 1024 samples");
    }
  }

  @Test
  void empiricalFactorsAreThoseOfTheGradientsOfTheLabels() {
    Case of = new Case(new SoftmaxLoss(3), Activation.TANH, List.of(), Storage.DENSE_64);
    MlpSetting at = new MlpSetting(of, 10, false, new Fisher.Empirical());
    double[] b = factors(at, NO_DRAWS).get(0).outputs();
    double[] expected = new double[9];
    double[] p = at.point().predictions();
    for (int i = 0; i < 10; i++) {
      for (int k = 0; k < 3; k++) {
        for (int l = 0; l < 3; l++) {
          double rk = p[10 * k + i] - (at.rows.labels()[i] == k ? 1 : 0);
          double rl = p[10 * l + i] - (at.rows.labels()[i] == l ? 1 : 0);
          expected[k + 3 * l] += at.weights[i] * rk * rl / 10;
        }
      }
    }
    assertClose(expected, b, 1e-12);
  }

  @Test
  void tilesAddUpToTheSameSums() {
    // 40 rows of 3 features are one tile; a layer of 40,000 units makes tiles of 16 rows.
    Case of = new Case(new SoftmaxLoss(3), Activation.RELU, List.of(40_000), Storage.DENSE_64);
    MlpSetting at = new MlpSetting(of, 40);
    double[] sums = at.evaluate(at.theta, null, at.outputs(false));
    assertEquals(at.reference.value(at.theta, at.weights), sums[0], 1e-10 * sums[0]);
  }

  @Test
  void float32RowsGiveTheSameUpToRounding() {
    for (Activation activation : Activation.values()) {
      Case of = new Case(new SoftmaxLoss(3), activation, List.of(20), Storage.DENSE_64);
      Case single = new Case(new SoftmaxLoss(3), activation, List.of(20), Storage.DENSE_32);
      MlpSetting at = new MlpSetting(of, 12);
      assertClose(at.gradient(at.theta), new MlpSetting(single, 12).gradient(at.theta), 1e-5);
    }
  }

  @Test
  void emptyBlockAddsNothing() {
    MlpSetting at =
        new MlpSetting(
            new Case(new SoftmaxLoss(3), Activation.RELU, List.of(4), Storage.DENSE_64), 0);
    double[] sums = at.evaluate(at.theta, at.direction, at.outputs(true));
    assertArrayEquals(new double[1 + 2 * at.d], sums, 0);
    double[] ofFactors = new double[at.kernel.factorSums()];
    at.kernel.kroneckerFactors(at.block, at.point(), NO_DRAWS, ofFactors, 0);
    assertArrayEquals(new double[ofFactors.length], ofFactors, 0);
  }

  @Test
  void startsFromWeightsOfTheVarianceThatTheActivationWants() {
    for (Activation activation : Activation.values()) {
      Network model = Network.dense(new SoftmaxLoss(10), 300, List.of(200), activation);
      double[] theta = model.initial(7);
      assertArrayEquals(theta, model.initial(7), 0);
      ParameterBlock first = model.parameters().get(0);
      double square = 0;
      for (int j = 0; j < first.size(); j++) {
        square += theta[j] * theta[j] / (300 * 200);
        if (j % first.height() == 300) {
          assertEquals(0, theta[j], 0);
        }
      }
      boolean he = activation == Activation.RELU || activation == Activation.GELU;
      assertEquals(he ? 2.0 / 300 : 2.0 / 500, square, 2e-4);
    }
  }
}
