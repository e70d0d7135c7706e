package io.github.sparkbilevel.model;

import io.github.sparkbilevel.TestProblems;
import io.github.sparkbilevel.TestProblems.Data;
import io.github.sparkbilevel.TestProblems.Rows;
import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.linalg.Vectors;
import java.util.Arrays;

/** A block of rows, a network of dense layers, and the reference for both. */
final class MlpSetting {
  final Network model;
  final Rows rows;
  final Block block;
  final BlockKernel kernel;
  final MlpReference reference;
  final int d;
  final double[] theta;
  final double[] direction;
  final double[] weights;

  MlpSetting(MlpKernelTest.Case of, int count) {
    this(of, count, false);
  }

  MlpSetting(MlpKernelTest.Case of, int count, boolean exactHessian) {
    this(of, count, exactHessian, new Fisher.Exact());
  }

  MlpSetting(MlpKernelTest.Case of, int count, boolean exactHessian, Fisher fisher) {
    Data data = TestProblems.of(of.loss()).rows(count, 0, 0, 0).features(3).make();
    rows = data.train();
    block = TestProblems.block(rows, 3, 0, count, of.storage());
    model =
        Network.dense(of.loss(), 3, of.hidden(), of.activation())
            .withExactHessian(exactHessian)
            .with(fisher);
    kernel = BlockKernel.of(model, "auto");
    reference = new MlpReference(model, rows);
    d = model.size();
    theta = TestProblems.vector(1, d, 0.7);
    direction = TestProblems.vector(2, d, 0.5);
    double[] draws = TestProblems.vector(3, count, 1);
    weights = new double[count];
    Arrays.setAll(weights, i -> i % 5 == 3 ? 0 : 1.1 + draws[i]);
  }

  double[] evaluate(double[] at, double[] tangent, RowOutputs outputs) {
    double[] sums = new double[1 + d * (tangent == null ? 1 : 2)];
    kernel.evaluate(
        block, at, 1, tangent, RowWeights.of(weights, weights.length), outputs, sums, 0);
    return sums;
  }

  RowOutputs outputs(boolean tangents) {
    return RowOutputs.allocate(block.rows(), 1, model.outputs(), tangents);
  }

  double[] gradient(double[] at) {
    return Vectors.slice(evaluate(at, null, outputs(false)), 1, d);
  }

  BlockKernel.At point() {
    RowOutputs outputs = outputs(false);
    kernel.predict(block, theta, 1, null, outputs);
    return BlockKernel.At.one(theta, outputs.predictions(), weights);
  }
}
