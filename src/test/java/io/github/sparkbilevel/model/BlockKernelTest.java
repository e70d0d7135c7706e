package io.github.sparkbilevel.model;

import static io.github.sparkbilevel.model.KernelSetting.AT;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.sparkbilevel.DenseReference;
import io.github.sparkbilevel.TestProblems;
import io.github.sparkbilevel.TestProblems.Storage;
import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.linalg.Vectors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every sum over the rows of a block equals the loops over its rows. */
class BlockKernelTest {
  private static final LabelDraws NO_DRAWS = (id, number) -> 0.5;

  record Case(Loss loss, Storage storage, boolean intercept, int rows, int features) {

    KernelSetting setting() {
      return new KernelSetting(this);
    }
  }

  static Stream<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (Loss loss : List.of(new HuberLoss(1.5, 0), new LogisticLoss(), new SoftmaxLoss(26))) {
      for (Storage storage : Storage.values()) {
        for (boolean intercept : new boolean[] {true, false}) {
          for (int rows : new int[] {1, 2, 7, 40}) {
            cases.add(new Case(loss, storage, intercept, rows, 5));
          }
        }
      }
    }
    for (Storage storage : Storage.values()) {
      // More rows than a tile holds; and tiles made small by many features.
      cases.add(new Case(new SoftmaxLoss(3), storage, true, 4200, 5));
      cases.add(new Case(new LogisticLoss(), storage, true, 300, 420));
      cases.add(new Case(new SoftmaxLoss(3), storage, false, 20, 1));
    }
    return cases.stream();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void lossGradientAndTangentProductAreTheirSums(Case of) {
    KernelSetting at = of.setting();
    double[] zero = new double[at.d];
    double[] sums = at.sums(1 + 2 * at.d);
    RowOutputs outputs = at.outputs(1, true);
    at.kernel.evaluate(
        at.block,
        at.theta,
        1,
        at.tangent,
        RowWeights.of(at.weights, at.rows.count()),
        outputs,
        sums,
        AT);
    double n = at.rows.count();
    double value = n * at.reference.value(at.theta, at.weights, zero);
    assertEquals(value, at.added(sums, 0, 1)[0], at.tolerance * (1 + value));
    at.assertClose(
        at.timesRows(at.reference.gradient(at.theta, at.weights, zero)), at.added(sums, 1, at.d));
    at.assertClose(product(at, at.tangent), at.added(sums, 1 + at.d, at.d));
    for (int i = 0; i < at.rows.count(); i++) {
      double loss = at.reference.loss(at.theta, i);
      assertEquals(loss, outputs.losses()[i], at.tolerance * (1 + loss));
    }
  }

  private static double[] product(KernelSetting at, double[] v) {
    return at.timesRows(at.reference.product(at.theta, at.weights, v));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void productsWithSeveralDirectionsAreThoseWithEach(Case of) {
    KernelSetting at = of.setting();
    double[] sums = at.sums(2 * at.d);
    double[] directions = Arrays.copyOf(at.tangent, 2 * at.d);
    double[] second = TestProblems.vector(9, at.d, 1);
    System.arraycopy(second, 0, directions, at.d, at.d);
    at.kernel.product(at.block, at.point(), directions, new int[] {0, 0}, sums, AT);
    at.assertClose(product(at, at.tangent), at.added(sums, 0, at.d));
    at.assertClose(product(at, second), at.added(sums, at.d, at.d));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void kroneckerFactorsAreTheirSums(Case of) {
    KernelSetting at = of.setting();
    int q = at.data.model().columnLength();
    int k = at.data.model().outputs();
    double[] sums = at.sums(q * q + k * k + 1);
    at.kernel.kroneckerFactors(at.block, at.point(), NO_DRAWS, sums, AT);
    double total = Arrays.stream(at.weights).sum();
    double[] a = flat(at.reference.inputFactor(at.weights));
    double[] b = flat(at.reference.outputFactor(at.theta, at.weights));
    at.assertClose(Vectors.scaled(total, a), at.added(sums, 0, q * q));
    at.assertClose(at.timesRows(b), at.added(sums, q * q, k * k));
    assertEquals(total, at.added(sums, q * q + k * k, 1)[0], 1e-10 * total);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void hessianIsItsSumOnAndBelowTheDiagonalBlocks(Case of) {
    KernelSetting at = of.setting();
    if (at.d > 200) {
      // Too large for the loops: what it does to a direction.
      double[] h = hessian(at);
      double[] image = new double[at.d];
      for (int column = 0; column < at.d; column++) {
        for (int row = 0; row < at.d; row++) {
          image[row] += h[row + column * at.d] * at.tangent[column];
        }
      }
      at.assertClose(product(at, at.tangent), image);
      return;
    }
    double[] expected = flat(at.reference.hessian(at.theta, at.weights, new double[at.d]));
    at.assertClose(at.timesRows(expected), hessian(at));
  }

  /** The Hessian with its upper blocks filled in. */
  private static double[] hessian(KernelSetting at) {
    double[] sums = at.sums(at.d * at.d);
    at.kernel.hessian(at.block, at.point(), sums, AT);
    double[] h = at.added(sums, 0, at.d * at.d);
    int q = at.data.model().columnLength();
    for (int column = 0; column < at.d; column++) {
      for (int row = column / q * q + q; row < at.d; row++) {
        assertEquals(0, h[column + row * at.d], 0, "above the diagonal nothing is added");
        h[column + row * at.d] = h[row + column * at.d];
      }
    }
    return h;
  }

  private static double[] flat(double[][] symmetric) {
    return Arrays.stream(symmetric).flatMapToDouble(Arrays::stream).toArray();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void hessianDiagonalIsTheDiagonalOfTheHessian(Case of) {
    KernelSetting at = of.setting();
    double[] h = hessian(at);
    double[] expected = new double[at.d];
    Arrays.setAll(expected, j -> h[j + j * at.d]);
    double[] sums = at.sums(at.d);
    at.kernel.hessianDiagonal(at.block, at.point(), sums, AT);
    at.assertClose(expected, at.added(sums, 0, at.d));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void lossesAlongALineAreThoseAtEachOfItsPoints(Case of) {
    KernelSetting at = of.setting();
    double[] steps = {1, 0.5, 0.25, 1.0 / 1024, 0};
    double[] sums = at.sums(steps.length);
    at.kernel.lossesAlong(at.block, at.theta, at.tangent, steps, at.weights, sums, AT);
    double[] got = at.added(sums, 0, steps.length);
    double[] zero = new double[at.d];
    for (int t = 0; t < steps.length; t++) {
      double[] theta = Vectors.plus(at.theta, 1 - steps[t], at.tangent);
      double expected = at.rows.count() * at.reference.value(theta, at.weights, zero);
      assertEquals(expected, got[t], at.tolerance * (1 + expected), "step " + steps[t]);
    }
  }

  @Test
  void linePastTheRangeOfTheLossesIsInfiniteAndRowsOfWeightZeroAreNot() {
    KernelSetting at = new Case(new SquaredLoss(), Storage.DENSE_64, false, 4, 5).setting();
    double[] huge = DenseReference.filled(at.d, 1e200);
    double[] sums = new double[1];
    double[] half = {0.5};
    at.kernel.lossesAlong(at.block, at.theta, huge, half, new double[4], sums, 0);
    assertEquals(0, sums[0], 0);
    at.kernel.lossesAlong(at.block, at.theta, huge, half, at.weights, sums, 0);
    assertEquals(Double.POSITIVE_INFINITY, sums[0], 0);
  }

  @ParameterizedTest
  @EnumSource(Storage.class)
  void severalSetsAtOnceAreEachAlone(Storage storage) {
    KernelSetting at = new Case(new SoftmaxLoss(4), storage, true, 33, 6).setting();
    int sets = 3;
    double[] stacked = TestProblems.vector(21, sets * at.d, 0.7);
    double[] weights = TestProblems.vector(22, sets * 33, 1);
    Arrays.setAll(weights, i -> 1 + weights[i]);
    double[] sums = at.sums(sets * (1 + at.d));
    RowOutputs outputs = at.outputs(sets, false);
    at.kernel.evaluate(
        at.block, stacked, sets, null, RowWeights.of(weights, 33), outputs, sums, AT);
    double[] directions = TestProblems.vector(23, sets * at.d, 1);
    int[] setOf = {2, 0, 1};
    double[] products = at.sums(sets * at.d);
    at.kernel.product(
        at.block,
        new BlockKernel.At(null, outputs.predictions(), weights, sets),
        directions,
        setOf,
        products,
        AT);
    for (int set = 0; set < sets; set++) {
      int s = set;
      double[] alone = at.sums(1 + at.d);
      RowOutputs one = at.outputs(1, false);
      at.kernel.evaluate(
          at.block,
          Vectors.slice(stacked, set * at.d, at.d),
          1,
          null,
          RowWeights.of(Vectors.slice(weights, s * 33, 33), 33),
          one,
          alone,
          AT);
      at.assertClose(at.added(alone, 0, 1), at.added(sums, set, 1));
      at.assertClose(at.added(alone, 1, at.d), at.added(sums, sets + set * at.d, at.d));
      int column = s == 2 ? 0 : s + 1;
      double[] ofSet = new double[33];
      Arrays.setAll(ofSet, i -> weights[s * 33 + i]);
      double[] product = at.sums(at.d);
      at.kernel.product(
          at.block,
          BlockKernel.At.one(null, one.predictions(), ofSet),
          Vectors.slice(directions, column * at.d, at.d),
          new int[] {0},
          product,
          AT);
      at.assertClose(at.added(product, 0, at.d), at.added(products, column * at.d, at.d));
    }
  }

  @ParameterizedTest
  @EnumSource(Storage.class)
  void evaluatingFromKeptOutputsGivesTheSameBits(Storage storage) {
    for (int rows : new int[] {1, 9, 4200}) {
      KernelSetting at = new Case(new SoftmaxLoss(3), storage, true, rows, 5).setting();
      RowWeights rule =
          (tile, w) -> {
            for (int i = 0; i < tile.rows(); i++) {
              double argument = tile.losses().value(i) + tile.directional().value(i);
              w[i] = 1 / (1 + Math.exp(-argument));
            }
          };
      double[] expected = at.sums(1 + 2 * at.d);
      at.kernel.evaluate(
          at.block, at.theta, 1, at.tangent, rule, at.outputs(1, true), expected, AT);
      RowOutputs kept = at.outputs(1, true);
      at.kernel.predict(at.block, at.theta, 1, at.tangent, kept);
      double[] got = at.sums(1 + 2 * at.d);
      at.kernel.evaluateFrom(at.block, at.theta, at.tangent, rule, kept, got, AT);
      assertArrayEquals(expected, got, 0);
    }
  }

  @Test
  void weightsAreAskedForWithTheLossAndItsSlopeAlongTheTangent() {
    KernelSetting at = new Case(new SoftmaxLoss(5), Storage.CSR_SHIFTED, true, 12, 4).setting();
    List<Integer> asked = new ArrayList<>();
    RowWeights rule =
        (tile, w) -> {
          for (int t = 0; t < tile.rows(); t++) {
            int i = tile.from() + t;
            double along = at.reference.directional(at.theta, at.tangent, i);
            assertEquals(at.reference.loss(at.theta, i), tile.losses().value(t), 1e-12);
            assertEquals(along, tile.directional().value(t), 1e-12);
            asked.add(i);
            w[t] = 1;
          }
        };
    double[] sums = at.sums(1 + 2 * at.d);
    at.kernel.evaluate(at.block, at.theta, 1, at.tangent, rule, at.outputs(1, true), sums, AT);
    assertEquals(Stream.iterate(0, i -> i + 1).limit(12).toList(), asked);
  }

  @ParameterizedTest
  @EnumSource(Storage.class)
  void blockWithoutRowsAddsNothing(Storage storage) {
    KernelSetting at = new Case(new SoftmaxLoss(3), storage, true, 4, 5).setting();
    Block empty = TestProblems.block(at.rows, 5, 2, 2, storage);
    double[] sums = new double[1 + 2 * at.d];
    RowOutputs none = RowOutputs.allocate(0, 1, 3, true);
    at.kernel.evaluate(empty, at.theta, 1, at.tangent, RowWeights.constant(1), none, sums, 0);
    BlockKernel.At nothing = BlockKernel.At.one(null, new double[0], new double[0]);
    at.kernel.kroneckerFactors(empty, nothing, NO_DRAWS, new double[100], 0);
    at.kernel.hessianDiagonal(empty, nothing, sums, 0);
    at.kernel.lossesAlong(empty, at.theta, at.tangent, new double[] {1}, new double[0], sums, 0);
    assertArrayEquals(new double[1 + 2 * at.d], sums, 0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"jvm", "netlib", "nd4j"})
  void everyBackendGivesTheSameSums(String backend) {
    for (Storage storage : List.of(Storage.DENSE_64, Storage.DENSE_32)) {
      KernelSetting at = new Case(new SoftmaxLoss(26), storage, true, 300, 12).setting();
      BlockKernel kernel = BlockKernel.of(at.data.model(), backend);
      double[] sums = at.sums(1 + 2 * at.d);
      kernel.evaluate(
          at.block,
          at.theta,
          1,
          at.tangent,
          RowWeights.of(at.weights, at.rows.count()),
          at.outputs(1, true),
          sums,
          AT);
      double[] gradient = at.reference.gradient(at.theta, at.weights, new double[at.d]);
      at.assertClose(at.timesRows(gradient), at.added(sums, 1, at.d));
    }
  }

  @Test
  void rowOfWeightZeroMayHaveAnInfiniteLoss() {
    KernelSetting at = new Case(new SquaredLoss(), Storage.DENSE_64, false, 4, 5).setting();
    double[] huge = DenseReference.filled(at.d, 1e200);
    double[] sums = new double[1 + at.d];
    at.kernel.evaluate(
        at.block, huge, 1, null, RowWeights.constant(0), at.outputs(1, false), sums, 0);
    assertArrayEquals(new double[1 + at.d], sums, 0);
  }
}
