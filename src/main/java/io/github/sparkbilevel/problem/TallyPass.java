package io.github.sparkbilevel.problem;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.model.RowOutputs;

/**
 * How several models do on the upper, held-out and test rows: {@link Tally#SUMS} sums for each part
 * and model; behind them, for each pair of models, Σ ℓ_a ℓ_b over the held-out rows.
 *
 * @param theta the models' parameters, d each
 */
record TallyPass(BlockKernel kernel, double[][] theta)
    implements Pass<PartitionState, PartitionState> {

  static final int PARTS = 3;

  @Override
  public String name() {
    return "tally";
  }

  @Override
  public String kernels() {
    return "outputs of " + theta.length + " models";
  }

  @Override
  public long bytes() {
    return 8L * theta.length * kernel.model().size();
  }

  int products() {
    return theta.length * PARTS * Tally.SUMS;
  }

  @Override
  public PassOutput<PartitionState> apply(PartitionData data, PartitionState input) {
    double[] sums = new double[products() + theta.length * theta.length];
    for (int m = 0; m < theta.length; m++) {
      int at = m * PARTS * Tally.SUMS;
      Tally.add(kernel, data.upper(), theta[m], sums, at);
      Tally.add(kernel, data.heldOut(), theta[m], sums, at + Tally.SUMS);
      Tally.add(kernel, data.test(), theta[m], sums, at + 2 * Tally.SUMS);
    }
    for (Block block : data.heldOut()) {
      addProducts(block, sums);
    }
    return new PassOutput<>(null, sums);
  }

  private void addProducts(Block block, double[] sums) {
    double[][] losses = new double[theta.length][];
    for (int m = 0; m < theta.length; m++) {
      RowOutputs outputs = RowOutputs.allocate(block.rows(), 1, kernel.model().outputs(), false);
      kernel.predict(block, theta[m], 1, null, outputs);
      losses[m] = outputs.losses();
    }
    for (int a = 0; a < theta.length; a++) {
      for (int b = 0; b < theta.length; b++) {
        for (int i = 0; i < block.rows(); i++) {
          sums[products() + a * theta.length + b] += losses[a][i] * losses[b][i];
        }
      }
    }
  }
}
