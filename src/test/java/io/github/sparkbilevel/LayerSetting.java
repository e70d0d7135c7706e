package io.github.sparkbilevel;

import static io.github.sparkbilevel.Differences.difference;
import static io.github.sparkbilevel.OwnLayerTest.ROWS;

import io.github.sparkbilevel.TestProblems.Rows;
import io.github.sparkbilevel.TestProblems.Storage;
import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.model.Embedding;
import io.github.sparkbilevel.model.Layer;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.Mask;
import io.github.sparkbilevel.model.Model;
import io.github.sparkbilevel.model.RowOutputs;
import io.github.sparkbilevel.model.RowWeights;
import io.github.sparkbilevel.model.SoftmaxLoss;
import io.github.sparkbilevel.model.Stack;
import java.util.Arrays;
import java.util.List;

/** A block of rows, and a network of some layers on it. */
final class LayerSetting {
  final Block block;
  final Model model;
  final BlockKernel kernel;
  final int d;
  final double[] theta;
  final double[] direction;
  final double[] weights = TestProblems.vector(3, ROWS, 1);

  LayerSetting(Layer layer, boolean exactHessian, Storage storage) {
    int p = layer.in().size();
    Rows rows = TestProblems.of(new SoftmaxLoss(3)).rows(ROWS, 6, 0, 0).features(p).make().train();
    tellPadding(((Stack) layer).layers(), rows.x());
    block = TestProblems.block(rows, p, 0, ROWS, storage);
    model = new OwnModel(new SoftmaxLoss(3), layer, exactHessian);
    kernel = BlockKernel.of(model, "auto");
    d = model.size();
    theta = Vectors.plus(model.initial(5), 1, TestProblems.vector(1, d, 0.4));
    direction = TestProblems.vector(2, d, 0.5);
    Arrays.setAll(weights, i -> i % 5 == 3 ? 0 : 1.1 + weights[i]);
  }

  LayerSetting(Layer layer, boolean exactHessian) {
    this(layer, exactHessian, Storage.DENSE_64);
  }

  RowOutputs outputs(double[] at, double[] tangent) {
    RowOutputs outputs = RowOutputs.allocate(ROWS, 1, 3, tangent != null);
    kernel.predict(block, at, 1, tangent, outputs);
    return outputs;
  }

  /** Value, gradient and, with a tangent, the Hessian product. */
  double[] sums(double[] at, double[] tangent) {
    double[] sums = new double[1 + (tangent == null ? 1 : 2) * d];
    RowOutputs outputs = RowOutputs.allocate(ROWS, 1, 3, tangent != null);
    RowWeights s = RowWeights.of(weights, ROWS);
    kernel.evaluate(block, at, 1, tangent, s, outputs, sums, 0);
    return sums;
  }

  double[] gradient(double[] at) {
    return Vectors.slice(sums(at, null), 1, d);
  }

  BlockKernel.At point() {
    return BlockKernel.At.one(theta, outputs(theta, null).predictions(), weights);
  }

  double[] product(double[] v) {
    double[] product = new double[d];
    kernel.product(block, point(), v, new int[] {0}, product, 0);
    return product;
  }

  double[] unit(int j) {
    double[] unit = new double[d];
    unit[j] = 1;
    return unit;
  }

  /** Σ s Jᵀ C J, with J by differences of outputs through log p, which is z up to a shift. */
  double[][] gaussNewton() {
    double[][] j = new double[d][];
    for (int a = 0; a < d; a++) {
      j[a] = difference(at -> log(outputs(at, null).predictions()), theta, unit(a));
    }
    double[] p = outputs(theta, null).predictions();
    double[][] h = new double[d][d];
    for (int a = 0; a < d; a++) {
      for (int b = 0; b < d; b++) {
        for (int i = 0; i < ROWS; i++) {
          double mean = 0;
          double product = 0;
          double other = 0;
          for (int k = i; k < 3 * ROWS; k += ROWS) {
            mean += p[k] * j[a][k];
            other += p[k] * j[b][k];
            product += p[k] * j[a][k] * j[b][k];
          }
          h[a][b] += weights[i] * (product - mean * other);
        }
      }
    }
    return h;
  }

  record OwnModel(Loss loss, Layer layer, boolean exactHessian) implements Model {

    @Override
    public OwnModel withHessian() {
      return new OwnModel(loss, layer, true);
    }
  }

  /** Puts token numbers in place of features, or marks behind the numbers of a step. */
  private static void tellPadding(List<Layer> layers, double[][] x) {
    for (int i = 0; i < x.length; i++) {
      for (int j = 0; j < x[i].length; j++) {
        boolean there = (5 * i + 3 * j) % 7 < i;
        if (layers.get(0) instanceof Embedding) {
          x[i][j] = there ? (i * j + i) % 5 : Embedding.PADDING;
        } else if (layers.get(1) instanceof Mask && j % 4 == 3) {
          x[i][j] = there ? 1 : 0;
        }
      }
    }
  }

  private static double[] log(double[] p) {
    return Arrays.stream(p).map(Math::log).toArray();
  }
}
