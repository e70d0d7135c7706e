package io.github.sparkbilevel.problem.training;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.problem.KnownRows;
import io.github.sparkbilevel.problem.PartitionState;
import io.github.sparkbilevel.problem.Weighing;
import io.github.sparkbilevel.problem.pass.Pass;
import io.github.sparkbilevel.problem.pass.PassOutput;
import java.util.Arrays;

/**
 * A pass of stochastic training of the lower level.
 *
 * <p>The rows' weights are those that an evaluation left in the state; where there was none, they
 * are made of λ and what the state has of the row features.
 *
 * @param weighing how λ weighs rows
 * @param penalty c
 * @param number of the pass; the draws depend on it
 */
public record TrainPass(
    BlockKernel kernel,
    Weighing weighing,
    Trained start,
    Training training,
    double[] penalty,
    long number)
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
    if (input != null) {
      input.requireBelongsTo(data);
    }
    double[] sums = new double[start.stride()];
    double[][] weights = input == null ? null : input.weights();
    double[][] known = weights == null ? weights(data, input) : weights;
    BlockKernel lower = weighing.lower(kernel);
    Block[] rows =
        Arrays.stream(data.train()).map(lower.model().loss()::given).toArray(Block[]::new);
    new LocalTraining(lower, rows, training, penalty, false)
        .run(start, 0, number, (b, i) -> known[b][i], sums);
    return new PassOutput<>(null, sums);
  }

  private double[][] weights(PartitionData data, PartitionState input) {
    KnownRows all = weighing.rows(data, input);
    double[][] weights = new double[data.train().length][];
    for (int b = 0; b < weights.length; b++) {
      weights[b] = new double[data.train()[b].rows()];
      weighing.weigh(all.block(b), weights[b]);
    }
    return weights;
  }
}
