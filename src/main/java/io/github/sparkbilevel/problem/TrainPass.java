package io.github.sparkbilevel.problem;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.model.BlockKernel;

/**
 * A pass of stochastic training of the lower level.
 *
 * <p>The rows' weights are those that an evaluation left in the state; where there was none, they
 * are made of λ and what the state has of the row features.
 *
 * @param variable how λ weighs rows
 * @param features φ and λ for a designed variable, or null
 * @param penalty c
 * @param number of the pass; the draws depend on it
 */
record TrainPass(
    BlockKernel kernel,
    RowVariable variable,
    RowFeatures features,
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
    double[][] known = weights == null ? weights(data.train(), input) : weights;
    new LocalTraining(kernel, data.train(), training, penalty, false)
        .run(start, 0, number, (b, i) -> known[b][i], sums);
    return new PassOutput<>(null, sums);
  }

  private double[][] weights(Block[] blocks, PartitionState input) {
    double[][] weights = new double[blocks.length][];
    for (int b = 0; b < blocks.length; b++) {
      RowScores scores = input == null || input.scores() == null ? null : input.scores()[b];
      double[] lambda = input == null || input.lambda() == null ? null : input.lambda()[b];
      weights[b] = new double[blocks[b].rows()];
      for (int i = 0; i < weights[b].length; i++) {
        weights[b][i] = blocks[b].weight(i) * weight(blocks[b], scores, lambda, i);
      }
    }
    return weights;
  }

  private double weight(Block block, RowScores scores, double[] lambda, int row) {
    if (features != null) {
      return Sigmoid.value(features.argument(block, scores, row));
    }
    if (variable instanceof RowVariable.ExampleWeights start) {
      return Sigmoid.value(lambda == null ? start.initial() : lambda[row]);
    }
    return 1;
  }
}
