package io.github.sparkbilevel.problem;

import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.model.BlockKernel;

/**
 * A pass of stochastic training of the lower level, at the rows' weights of the state.
 *
 * @param penalty c
 * @param number of the pass; the draws depend on it
 */
record TrainPass(
    BlockKernel kernel, Trained start, Training training, double[] penalty, long number)
    implements Pass<PartitionState, PartitionState> {

  @Override
  public String name() {
    return "train";
  }

  @Override
  public String kernels() {
    return "∇ℓ of batches, steps";
  }

  @Override
  public long bytes() {
    return start.bytes() + 8L * penalty.length;
  }

  @Override
  public PassOutput<PartitionState> apply(PartitionData data, PartitionState input) {
    input.requireBelongsTo(data);
    double[] sums = new double[start.stride()];
    new LocalTraining(kernel, data.train(), training, penalty, false)
        .run(start, 0, number, (b, i) -> input.weights()[b][i], sums);
    return new PassOutput<>(null, sums);
  }
}
