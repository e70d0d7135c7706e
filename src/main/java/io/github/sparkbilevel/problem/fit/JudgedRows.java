package io.github.sparkbilevel.problem.fit;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.model.RowOutputs;

/** Outputs of the rows of a block under all models of a judge. */
final class JudgedRows {
  private JudgedRows() {}

  static RowOutputs outputs(BlockKernel kernel, Block block, Judge judge) {
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
