package io.github.sparkbilevel.model;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.TestProblems;
import io.github.sparkbilevel.TestProblems.Rows;
import io.github.sparkbilevel.TestProblems.Storage;
import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.linalg.KroneckerBasis;
import io.github.sparkbilevel.linalg.Vectors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A network in float32 against the same network in float64, on rows that are the same in both. */
class SingleNetworkTest {
  private static final int FEATURES = 6;
  private static final int ROWS = 23;
  private static final double TOLERANCE = 2e-5;

  private static final class Setting {
    final Block block;
    final BlockKernel kernel;
    final int d;
    final double[] theta;
    final double[] direction;
    final double[] weights;

    Setting(Network model, Storage storage) {
      Rows rows =
          TestProblems.of(model.loss()).rows(ROWS, 0, 0, 0).features(FEATURES).make().train();
      block = TestProblems.block(rows, FEATURES, 0, ROWS, storage);
      kernel = BlockKernel.of(model, "auto");
      d = model.size();
      theta = TestProblems.vector(1, d, 0.7);
      direction = TestProblems.vector(2, d, 0.5);
      weights = TestProblems.vector(3, ROWS, 1);
      Arrays.setAll(weights, i -> i % 5 == 3 ? 0 : 1.1 + weights[i]);
    }

    RowOutputs outputs(boolean tangents) {
      return RowOutputs.allocate(ROWS, 1, kernel.model().outputs(), tangents);
    }

    BlockKernel.At point() {
      RowOutputs outputs = outputs(false);
      kernel.predict(block, theta, 1, null, outputs);
      return BlockKernel.At.one(theta, outputs.predictions(), weights);
    }

    /** Every kind of sum, in turn. */
    List<double[]> sums() {
      List<double[]> all = new ArrayList<>();
      RowOutputs outputs = outputs(true);
      double[] sums = new double[1 + 2 * d];
      kernel.evaluate(
          block, theta, 1, direction, RowWeights.of(weights, weights.length), outputs, sums, 0);
      all.add(Vectors.slice(sums, 0, 1));
      all.add(Vectors.slice(sums, 1, d));
      all.add(Vectors.slice(sums, 1 + d, d));
      all.add(outputs.predictions());
      all.add(outputs.losses());
      all.add(outputs.tangents());
      double[] products = new double[2 * d];
      double[] directions = new double[2 * d];
      Vectors.copyTo(direction, directions, 0);
      Vectors.copyTo(theta, directions, d);
      kernel.product(block, point(), directions, new int[] {0, 0}, products, 0);
      all.add(products);
      double[] diagonal = new double[d];
      kernel.hessianDiagonal(block, point(), diagonal, 0);
      all.add(diagonal);
      double[] along = new double[2];
      kernel.lossesAlong(block, theta, direction, new double[] {1, 0.25}, weights, along, 0);
      all.add(along);
      return all;
    }

    double[] factors() {
      double[] factors = new double[kernel.factorSums()];
      kernel.kroneckerFactors(block, point(), (id, number) -> (id % 97 + 0.5) / 97, factors, 0);
      return factors;
    }

    double[] scales(List<KroneckerBasis> bases) {
      double[] scales = new double[d];
      kernel.eigenScales(block, point(), bases, scales, 0);
      return scales;
    }
  }

  static Stream<Network> models() {
    List<Network> models = new ArrayList<>();
    for (Loss loss : List.of(new SquaredLoss(), new LogisticLoss(), new SoftmaxLoss(3))) {
      for (Activation activation : Activation.values()) {
        for (List<Integer> hidden : List.of(List.<Integer>of(), List.of(12), List.of(5, 14))) {
          models.add(Network.dense(loss, FEATURES, hidden, activation));
        }
      }
    }
    return models.stream();
  }

  private static void assertClose(double[] expected, double[] got, String what) {
    double scale = Math.max(1, Vectors.normInf(expected));
    double error = Vectors.normInf(Vectors.plus(got, -1, expected));
    assertTrue(error <= TOLERANCE * scale, what + " is off by " + error + " of " + scale);
  }

  @ParameterizedTest
  @MethodSource("models")
  void sumsAreThoseInFloat64UpToRounding(Network model) {
    List<double[]> expected = new Setting(model, Storage.DENSE_64).sums();
    List<double[]> got = new Setting(model, Storage.DENSE_32).sums();
    for (int i = 0; i < expected.size(); i++) {
      assertClose(expected.get(i), got.get(i), "sum " + i);
    }
    assertTrue(Arrays.equals(got.get(1), new Setting(model, Storage.DENSE_32).sums().get(1)));
  }

  @ParameterizedTest
  @MethodSource("models")
  void factorsAndEigenvaluesAreThoseInFloat64UpToRounding(Network model) {
    for (Fisher fisher : List.of(new Fisher.Exact(), new Fisher.MonteCarlo(2, 0))) {
      Setting exact = new Setting(model.with(fisher), Storage.DENSE_64);
      Setting single = new Setting(model.with(fisher), Storage.DENSE_32);
      double[] factors = exact.factors();
      assertClose(factors, single.factors(), fisher + " factors");
      List<KroneckerBasis> bases =
          exact.kernel.factors(factors, 0, ROWS).stream().map(KroneckerBasis::of).toList();
      assertClose(exact.scales(bases), single.scales(bases), "eigenvalues");
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void gradientOfABatchIsThatOfTheKernel(Network model) {
    Setting at = new Setting(model, Storage.DENSE_32);
    double[] sums = new double[1 + at.d];
    at.kernel.evaluate(
        at.block, at.theta, 1, null, RowWeights.constant(0.3), at.outputs(false), sums, 0);
    // Room for more rows than there are, and twice, so that nothing stays from the first time.
    BatchGradients gradients = BatchGradients.of(at.kernel, at.block, ROWS + 9);
    float[] out = new float[at.d];
    gradients.gradient(at.block, 7, rounded(at.direction), out);
    gradients.gradient(at.block, 0.3, rounded(at.theta), out);
    double[] got = new double[at.d];
    Arrays.setAll(got, j -> out[j]);
    assertClose(Vectors.slice(sums, 1, at.d), got, "gradient");
  }

  private static float[] rounded(double[] v) {
    float[] rounded = new float[v.length];
    for (int j = 0; j < v.length; j++) {
      rounded[j] = (float) v[j];
    }
    return rounded;
  }

  @Test
  void onlyDenseFloat32RowsAndGaussNewtonAreComputedInFloat32() {
    Network model = Network.dense(new SoftmaxLoss(3), FEATURES, List.of(4), Activation.TANH);
    Block single = new Setting(model, Storage.DENSE_32).block;
    BlockKernel kernel = BlockKernel.of(model, "auto");
    assertNotNull(BatchGradients.of(kernel, single, 1));
    for (Storage storage : List.of(Storage.DENSE_64, Storage.CSR)) {
      assertNull(BatchGradients.of(kernel, new Setting(model, storage).block, 1), "" + storage);
    }
    BlockKernel exact = BlockKernel.of(model.withExactHessian(true), "auto");
    assertNull(BatchGradients.of(exact, single, 1));
    LinearModel linear = new LinearModel(new SoftmaxLoss(3), FEATURES, true);
    assertNull(BatchGradients.of(BlockKernel.of(linear, "auto"), single, 1));
  }
}
