package io.github.sparkbilevel.problem.fit;

import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.problem.PartitionState;
import io.github.sparkbilevel.problem.oracle.Tally;
import io.github.sparkbilevel.problem.pass.Pass;
import io.github.sparkbilevel.problem.pass.PassOutput;

/**
 * How several models do on the upper, held-out and test rows: {@link Tally#SUMS} sums for each part
 * and model.
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

  @Override
  public PassOutput<PartitionState> apply(PartitionData data, PartitionState input) {
    double[] sums = new double[theta.length * PARTS * Tally.SUMS];
    for (int m = 0; m < theta.length; m++) {
      int at = m * PARTS * Tally.SUMS;
      Tally.add(kernel, data.upper(), theta[m], sums, at);
      Tally.add(kernel, data.heldOut(), theta[m], sums, at + Tally.SUMS);
      Tally.add(kernel, data.test(), theta[m], sums, at + 2 * Tally.SUMS);
    }
    return new PassOutput<>(null, sums);
  }
}
