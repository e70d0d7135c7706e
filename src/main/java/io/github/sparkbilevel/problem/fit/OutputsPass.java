package io.github.sparkbilevel.problem.fit;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.OutputTile;
import io.github.sparkbilevel.model.RowOutputs;
import io.github.sparkbilevel.problem.PartitionState;
import io.github.sparkbilevel.problem.pass.Pass;

/** A pass over the outputs of several models, which it carries. */
interface OutputsPass extends Pass<PartitionState, PartitionState> {

  /** The sums of the models. */
  BlockKernel kernel();

  /** The models' parameters, d each. */
  double[][] theta();

  @Override
  default String kernels() {
    return "outputs of " + theta().length + " models";
  }

  @Override
  default long bytes() {
    return 8L * theta().length * kernel().model().size();
  }

  /** What a model makes of the rows of a block. */
  default RowOutputs outputs(Block block, double[] of) {
    RowOutputs outputs = RowOutputs.allocate(block.rows(), 1, kernel().model().outputs(), false);
    kernel().predict(block, of, 1, null, outputs);
    return outputs;
  }

  /** The predictions of a model for the rows of a block. */
  default OutputTile predictions(Block block, double[] of) {
    Loss loss = kernel().model().loss();
    return outputs(block, of).predictions(loss, block.rows(), 0);
  }
}
