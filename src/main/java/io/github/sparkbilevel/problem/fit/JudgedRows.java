package io.github.sparkbilevel.problem.fit;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.OutputTile;
import io.github.sparkbilevel.model.RowOutputs;
import java.util.function.IntUnaryOperator;

/** The rows of a block, each with the predictions of the model that judges it. */
final class JudgedRows {
  private JudgedRows() {}

  /** What is done with a row. */
  @FunctionalInterface
  interface Work {
    /**
     * Takes a row.
     *
     * @param p the predictions of all rows of the block by the model that judges this one
     */
    void accept(int row, OutputTile p);
  }

  /** Goes through the rows of a block. */
  static void forEach(BlockKernel kernel, Block block, Judge judge, Work work) {
    if (judge.isGiven()) {
      OutputTile given = given(kernel.model().loss(), block);
      for (int i = 0; i < block.rows(); i++) {
        work.accept(i, given);
      }
      return;
    }
    forEach(kernel, block, judge.theta(), i -> judge.modelOf(block.ids()[i]), work);
  }

  /** The probabilities that the rows of a block bring, as predictions for this loss. */
  private static OutputTile given(Loss loss, Block block) {
    int n = block.rows();
    int first = loss.classes() - loss.outputs();
    double[] p = new double[n * loss.outputs()];
    for (int k = 0; k < loss.outputs(); k++) {
      for (int i = 0; i < n; i++) {
        p[k * n + i] = block.probability(i, first + k);
      }
    }
    return new OutputTile(p, 0, n, n);
  }

  /** The same where a function says which model judges a row. */
  static void forEach(
      BlockKernel kernel, Block block, double[][] theta, IntUnaryOperator modelOf, Work work) {
    Loss loss = kernel.model().loss();
    RowOutputs outputs = outputs(kernel, block, theta);
    for (int i = 0; i < block.rows(); i++) {
      work.accept(i, outputs.predictions(loss, block.rows(), modelOf.applyAsInt(i)));
    }
  }

  private static RowOutputs outputs(BlockKernel kernel, Block block, double[][] theta) {
    int sets = theta.length;
    int d = kernel.model().size();
    double[] stacked = new double[sets * d];
    for (int s = 0; s < sets; s++) {
      System.arraycopy(theta[s], 0, stacked, s * d, d);
    }
    RowOutputs outputs = RowOutputs.allocate(block.rows(), sets, kernel.model().outputs(), false);
    kernel.predict(block, stacked, sets, null, outputs);
    return outputs;
  }
}
