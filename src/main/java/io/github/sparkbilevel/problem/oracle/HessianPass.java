package io.github.sparkbilevel.problem.oracle;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.problem.PartitionState;
import io.github.sparkbilevel.problem.pass.Pass;
import io.github.sparkbilevel.problem.pass.PassOutput;

/**
 * Hessian products with several directions at the point where the state was made, without penalty,
 * not divided by n.
 *
 * @param theta the point, or null for a linear model
 * @param directions vectors of length d, one after the other
 */
record HessianPass(BlockKernel kernel, double[] theta, double[] directions)
    implements Pass<PartitionState, PartitionState> {

  @Override
  public String name() {
    return "Hessian product";
  }

  @Override
  public String kernels() {
    return "HV, " + columns() + (columns() == 1 ? " column" : " columns");
  }

  @Override
  public long bytes() {
    return 8L * (directions.length + (theta == null ? 0 : theta.length));
  }

  private int columns() {
    return directions.length / kernel.model().size();
  }

  @Override
  public PassOutput<PartitionState> apply(PartitionData data, PartitionState input) {
    input.requireBelongsTo(data);
    double[] sums = new double[directions.length];
    Block[] blocks = data.train();
    for (int b = 0; b < blocks.length; b++) {
      double[] weights = input.weights()[b];
      kernel.product(blocks[b], theta, input.keptPredictions(b), weights, directions, sums, 0);
    }
    return new PassOutput<>(null, sums);
  }
}
