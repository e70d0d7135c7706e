package io.github.sparkbilevel.problem.fit;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.OutputTile;
import io.github.sparkbilevel.problem.PartitionState;
import io.github.sparkbilevel.problem.pass.PassOutput;

/**
 * The weight of the held-out rows of two classes, by model, class and cell of {@link ScoreRanks}.
 *
 * @param theta the models' parameters, d each
 */
record ScoreCellsPass(BlockKernel kernel, double[][] theta) implements OutputsPass {

  @Override
  public String name() {
    return "held-out ranks";
  }

  @Override
  public PassOutput<PartitionState> apply(PartitionData data, PartitionState input) {
    Loss loss = kernel.model().loss();
    double[] sums = new double[2 * theta.length * ScoreRanks.CELLS];
    for (Block block : data.heldOut()) {
      for (int m = 0; m < theta.length; m++) {
        OutputTile p = predictions(block, theta[m]);
        for (int i = 0; i < block.rows(); i++) {
          int cell = ScoreRanks.cell(loss.probability(p, i, 1));
          sums[ScoreRanks.at(m, (int) block.labels()[i], cell)] += block.weight(i);
        }
      }
    }
    return new PassOutput<>(null, sums);
  }
}
