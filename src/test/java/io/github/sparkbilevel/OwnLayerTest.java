package io.github.sparkbilevel;

import static io.github.sparkbilevel.Differences.assertClose;
import static io.github.sparkbilevel.Differences.difference;
import static io.github.sparkbilevel.Differences.times;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.sparkbilevel.LayerSetting.OwnModel;
import io.github.sparkbilevel.TestProblems.Storage;
import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.linalg.KroneckerBasis;
import io.github.sparkbilevel.linalg.KroneckerFactors;
import io.github.sparkbilevel.linalg.SymmetricEigen;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.Activation;
import io.github.sparkbilevel.model.ActivationLayer;
import io.github.sparkbilevel.model.BatchGradients;
import io.github.sparkbilevel.model.Dense;
import io.github.sparkbilevel.model.Layer;
import io.github.sparkbilevel.model.Layers;
import io.github.sparkbilevel.model.Model;
import io.github.sparkbilevel.model.Network;
import io.github.sparkbilevel.model.ParameterBlock;
import io.github.sparkbilevel.model.Residual;
import io.github.sparkbilevel.model.RowShape;
import io.github.sparkbilevel.model.SoftmaxLoss;
import io.github.sparkbilevel.model.Stack;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.Penalty;
import io.github.sparkbilevel.problem.WeightFunction;
import io.github.sparkbilevel.problem.oracle.BilevelOracle.Query;
import io.github.sparkbilevel.problem.oracle.BlockOracle;
import io.github.sparkbilevel.problem.pass.LocalEngine;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Stacks with residual layers, and with a layer that the library does not have. */
class OwnLayerTest {
  private static final int FEATURES = 4;
  static final int ROWS = 15;
  private static final int GROUPS = 3;

  private static Layer scale(int width) {
    return new FeatureScale(RowShape.vector(width));
  }

  private static Layer bent(int width) {
    return new ActivationLayer(RowShape.vector(width), Activation.GELU);
  }

  /** x + a network of two layers. */
  private static Layer residual(int width, int inner) {
    return new Residual(Stack.of(Dense.of(width, inner), bent(inner), Dense.of(inner, width)));
  }

  static Stream<Layer> layers() {
    return Stream.of(
        Stack.of(Dense.of(FEATURES, 3), residual(3, 5), bent(3), Dense.of(3, 3)),
        Stack.of(residual(FEATURES, 2), Dense.of(FEATURES, 3), residual(3, 2)),
        Stack.of(new Residual(Stack.of(residual(FEATURES, 3), bent(4))), Dense.of(FEATURES, 3)),
        Stack.of(scale(FEATURES), Dense.of(FEATURES, 5), bent(5), scale(5), Dense.of(5, 3)),
        Stack.of(bent(FEATURES), residual(FEATURES, 3), Dense.of(FEATURES, 3), scale(3)),
        Stack.of(new Residual(Stack.of(scale(FEATURES), bent(4))), Dense.of(FEATURES, 3)),
        images("{conv: {channels: 2, window: 3, padding: 1}}, {activation: 'gelu'}, {pool: 2}"),
        images("{conv: {channels: 2, window: 2, stride: 2}}, {activation: 'tanh'}, {dense: 3}"),
        images("{conv: {channels: 4, window: 3}}, {group-norm: 2}, {activation: 'tanh'}"),
        images("{group-norm: 1}, {pointwise: 5}, {layer-norm: true}, {pointwise: 1}"),
        images("{pointwise: 6}, {residual: [{layer-norm: true}, {pointwise: 6}]}, {mean: true}"),
        sequences("{attention: 2}, {mean: true}"),
        sequences(
            "{pointwise: 6}, {residual: [{layer-norm: true}, {attention: 2}]}, {pointwise: 1}"),
        sequences("{residual: [{feed-forward: 1}]}, {mean: true}"),
        sequences("{mask: true}, {attention: 1}, {pointwise: 2}, {mean: true}"),
        sequences("{mask: true}, {dense: 3}, {activation: 'tanh'}"),
        tokens("width: 6, positions: true", "{layer-norm: true}, {attention: 2}, {mean: true}"),
        tokens("width: 2", "{residual: [{attention: 2}]}, {feed-forward: 1}, {mean: true}"),
        images("{pool: {kind: 'mean', window: 3, stride: 2, padding: 1}}, {pointwise: 3}"),
        images(
            "{residual: [{conv: {channels: 2, window: 3, padding: 1}}, {activation: 'tanh'}]},"
                + " {pool: {window: 2, padding: 1}}, {conv: {channels: 1, window: 2}}"));
  }

  /** A network of images of 3 by 4 pixels in two channels. */
  private static Layer images(String form) {
    String whole = "[{shape: [3, 4, 2]}, " + form + "]";
    return Network.of(new SoftmaxLoss(3), 24, Layers.read(whole)).layer();
  }

  /** A network of sequences of 3 steps with 4 channels. */
  private static Layer sequences(String form) {
    String whole = "[{shape: [3, 4]}, " + form + "]";
    return Network.of(new SoftmaxLoss(3), 12, Layers.read(whole)).layer();
  }

  /** A network of sequences of 4 tokens of 5. */
  private static Layer tokens(String made, String form) {
    String whole = "[{embedding: {vocabulary: 5, " + made + "}}, " + form + "]";
    return Network.of(new SoftmaxLoss(3), 4, Layers.read(whole)).layer();
  }

  @ParameterizedTest
  @MethodSource("layers")
  void gradientAndHessianAreDifferences(Layer layer) {
    LayerSetting at = new LayerSetting(layer, true);
    double[] expected = new double[at.d];
    for (int j = 0; j < at.d; j++) {
      expected[j] = difference(x -> Vectors.slice(at.sums(x, null), 0, 1), at.theta, at.unit(j))[0];
    }
    assertClose(expected, at.gradient(at.theta), 1e-8);
    double[] bent = difference(at::gradient, at.theta, at.direction);
    assertClose(bent, at.product(at.direction), 1e-8);
    assertClose(bent, Vectors.slice(at.sums(at.theta, at.direction), 1 + at.d, at.d), 1e-8);
  }

  @ParameterizedTest
  @MethodSource("layers")
  void gaussNewtonMatrixAndWhatIsMadeOfItAreThoseOfTheJacobian(Layer layer) {
    LayerSetting at = new LayerSetting(layer, false);
    double[][] h = at.gaussNewton();
    assertClose(times(h, at.direction), at.product(at.direction), 1e-8);
    double[] diagonal = new double[at.d];
    at.kernel.hessianDiagonal(at.block, at.point(), diagonal, 0);
    double[] formed = new double[at.d * at.d];
    at.kernel.hessian(at.block, at.point(), formed, 0);
    for (int j = 0; j < at.d; j++) {
      assertEquals(h[j][j], diagonal[j], 1e-8 * (1 + h[j][j]));
      assertClose(h[j], Vectors.slice(formed, j * at.d, at.d), 1e-8);
    }
  }

  private static List<KroneckerFactors> factors(LayerSetting at) {
    double[] sums = new double[at.kernel.factorSums()];
    at.kernel.kroneckerFactors(at.block, at.point(), (id, number) -> 0.5, sums, 0);
    return at.kernel.factors(sums, 0, ROWS);
  }

  private static double[] vectors(SymmetricEigen eigen) {
    int n = eigen.values().length;
    double[] identity = new double[n * n];
    for (int i = 0; i < n; i++) {
      identity[i * n + i] = 1;
    }
    return eigen.isDiagonal() ? identity : eigen.vectors();
  }

  @ParameterizedTest
  @MethodSource("layers")
  void kroneckerStatisticsAreThoseOfTheGaussNewtonMatrix(Layer layer) {
    LayerSetting at = new LayerSetting(layer, false);
    double[][] h = at.gaussNewton();
    List<KroneckerFactors> factors = factors(at);
    List<KroneckerBasis> bases = factors.stream().map(KroneckerBasis::of).toList();
    double[] scales = new double[at.d];
    at.kernel.eigenScales(at.block, at.point(), bases, scales, 0);
    for (int b = 0; b < bases.size(); b++) {
      ParameterBlock block = at.model.parameters().get(b);
      int q = block.height();
      int k = block.outputs();
      double[] p = vectors(bases.get(b).inputs());
      for (int j = 0; j < block.size(); j++) {
        double[] v = new double[at.d];
        for (int o = 0; o < k; o++) {
          for (int i = 0; i < q; i++) {
            v[block.at() + o * q + i] =
                p[j % q * q + i] * bases.get(b).outputs().vectors()[j / q * k + o];
          }
        }
        double expected = Vectors.dot(v, times(h, v));
        assertEquals(expected, scales[block.at() + j], 1e-8 * (1 + expected));
      }
      if (block.inputs() == 0) {
        // Without inputs A is 1, and B is the block of the matrix itself.
        assertArrayEquals(new double[] {1}, factors.get(b).inputs(), 1e-12);
        for (int o = 0; o < k; o++) {
          double[] row = Vectors.slice(h[block.at() + o], block.at(), k);
          assertClose(
              Vectors.scaled(1.0 / ROWS, row),
              Vectors.slice(factors.get(b).outputs(), o * k, k),
              1e-8);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("layers")
  void mixedProductIsTheDifferenceOfTheGradientOfTheUpperVariable(Layer layer) {
    LayerSetting at = new LayerSetting(layer, true);
    Block[] none = {};
    Block[] train = {grouped(at)};
    PartitionData data = new PartitionData(train, none, none, none);
    BilevelProblem problem =
        new BilevelProblem(
            at.model,
            WeightFunction.ofGroups(GROUPS),
            Penalty.tuned(at.model, Penalty.Sharing.PER_LAYER, true));
    double[] lambda = TestProblems.vector(7, problem.sharedSize(), 0.5);
    double[] u = at.direction;
    try (BlockOracle oracle =
        new BlockOracle(problem, new LocalEngine(List.of(data)), "auto", ROWS)) {
      double[] got =
          oracle.mixedProduct(oracle.evaluate(Query.at(at.theta, lambda)), at.theta, u).values();
      for (int j = 0; j < lambda.length; j++) {
        double[] unit = new double[lambda.length];
        unit[j] = 1;
        double[] moved =
            difference(l -> oracle.evaluate(Query.at(at.theta, l)).gradient(), lambda, unit);
        assertEquals(Vectors.dot(moved, u), got[j], 1e-8);
      }
    }
  }

  private static Block grouped(LayerSetting at) {
    int[] groups = new int[ROWS];
    Arrays.setAll(groups, i -> i % GROUPS);
    Block b = at.block;
    return new Block(b.ids(), b.features(), b.labels()).withGroups(groups);
  }

  @ParameterizedTest
  @EnumSource(Storage.class)
  void rowsMayLieInMemoryAsTheyLike(Storage storage) {
    layers()
        .forEach(
            layer -> {
              LayerSetting at = new LayerSetting(layer, false, storage);
              double[] expected = new LayerSetting(layer, false).sums(at.theta, at.direction);
              if (storage != Storage.CSR_SHIFTED) {
                assertClose(expected, at.sums(at.theta, at.direction), 1e-5);
              }
              BatchGradients gradients = BatchGradients.of(at.kernel, at.block, ROWS);
              assertEquals(storage == Storage.DENSE_32, gradients != null);
              if (gradients != null) {
                Arrays.fill(at.weights, 0.3);
                float[] theta = new float[at.d];
                for (int j = 0; j < at.d; j++) {
                  theta[j] = (float) at.theta[j];
                }
                float[] out = new float[at.d];
                gradients.gradient(at.block, 0.3, theta, out);
                double[] got = new double[at.d];
                Arrays.setAll(got, j -> out[j]);
                assertClose(at.gradient(at.theta), got, 1e-5);
              }
            });
  }

  @Test
  void flatDirectionIsThatOfBiasesOfOutputs() {
    Layer dense = Stack.of(scale(FEATURES), Dense.of(FEATURES, 3));
    Model model = new OwnModel(new SoftmaxLoss(3), dense, false);
    BilevelProblem problem = new BilevelProblem(model, Penalty.fixed(model, 0.1, false));
    double[] expected = new double[model.size()];
    for (int o = 1; o <= 3; o++) {
      expected[FEATURES + o * (FEATURES + 1) - 1] = 1;
    }
    assertArrayEquals(expected, problem.nullDirection(new double[0]), 0);
    Layer scaled = Stack.of(Dense.of(FEATURES, 3), scale(3));
    assertFalse(new OwnModel(new SoftmaxLoss(3), scaled, false).hasFreeInterceptShift());
  }

  @Test
  void layersThatDoNotFitAreRefused() {
    assertThrows(
        IllegalArgumentException.class, () -> Stack.of(Dense.of(FEATURES, 3), Dense.of(4, 3)));
    assertThrows(IllegalArgumentException.class, () -> new Stack(List.of()));
    assertThrows(IllegalArgumentException.class, () -> new Residual(Dense.of(FEATURES, 3)));
  }
}
