package io.github.sparkbilevel.problem.fit;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.OutputTile;
import io.github.sparkbilevel.model.RowOutputs;

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
    Loss loss = kernel.model().loss();
    RowOutputs outputs = outputs(kernel, block, judge);
    for (int i = 0; i < block.rows(); i++) {
      int model = judge.modelOf(block.ids()[i]);
      work.accept(i, outputs.predictions(loss, block.rows(), model));
    }
  }

  private static RowOutputs outputs(BlockKernel kernel, Block block, Judge judge) {
    int sets = judge.theta().length;
    int d = kernel.model().size();
    double[] stacked = new double[sets * d];
    for (int s = 0; s < sets; s++) {
      System.arraycopy(judge.theta()[s], 0, stacked, s * d, d);
    }
    RowOutputs outputs = RowOutputs.allocate(block.rows(), sets, kernel.model().outputs(), false);
    kernel.predict(block, stacked, sets, null, outputs);
    return outputs;
  }
}
