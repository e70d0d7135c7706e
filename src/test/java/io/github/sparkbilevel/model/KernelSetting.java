package io.github.sparkbilevel.model;

import static io.github.sparkbilevel.DenseReference.distance;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.DenseReference;
import io.github.sparkbilevel.TestProblems;
import io.github.sparkbilevel.TestProblems.Data;
import io.github.sparkbilevel.TestProblems.Rows;
import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.linalg.Vectors;
import java.util.Arrays;

/** One block and the reference over its rows. */
final class KernelSetting {
  static final double MARK = 17;

  /** Where the sums begin; what lies before is not to be touched. */
  static final int AT = 3;

  final Data data;
  final Rows rows;
  final Block block;
  final BlockKernel kernel;
  final DenseReference reference;
  final double[] theta;
  final double[] tangent;
  final double[] weights;
  final double tolerance;
  final int d;

  KernelSetting(BlockKernelTest.Case of) {
    data =
        TestProblems.of(of.loss())
            .features(of.features())
            .intercept(of.intercept())
            .rows(of.rows(), 0, 0, 0)
            .make();
    rows = data.train();
    block = TestProblems.block(rows, of.features(), 0, of.rows(), of.storage());
    kernel = BlockKernel.of(data.model(), "auto");
    reference = new DenseReference(data.model(), rows);
    d = data.model().size();
    theta = TestProblems.vector(1, d, 0.6);
    tangent = TestProblems.vector(2, d, 0.6);
    // Some weights are 0, as those of rows that a fit leaves out.
    weights = TestProblems.vector(3, of.rows(), 1);
    Arrays.setAll(weights, i -> i % 5 == 3 ? 0 : 1.1 + weights[i]);
    tolerance = of.storage().isSingle() ? 1e-5 : 1e-10;
  }

  double[] sums(int length) {
    double[] sums = new double[AT + length];
    Arrays.fill(sums, MARK);
    return sums;
  }

  /** What was added behind {@link #AT}. */
  double[] added(double[] sums, int from, int length) {
    for (int j = 0; j < AT; j++) {
      assertEquals(MARK, sums[j], 0);
    }
    double[] part = Vectors.slice(sums, AT + from, length);
    Arrays.setAll(part, j -> part[j] - MARK);
    return part;
  }

  RowOutputs outputs(int sets, boolean withTangents) {
    return RowOutputs.allocate(block.rows(), sets, kernel.model().outputs(), withTangents);
  }

  BlockKernel.At point() {
    return BlockKernel.At.one(null, predictions(), weights);
  }

  double[] predictions() {
    RowOutputs outputs = outputs(1, false);
    kernel.predict(block, theta, 1, null, outputs);
    return outputs.predictions();
  }

  void assertClose(double[] expected, double[] got) {
    double error = distance(got, expected);
    assertTrue(error <= tolerance, "" + error);
  }

  /** The reference divides by n. */
  double[] timesRows(double[] x) {
    return Vectors.scaled(rows.count(), x);
  }
}
