package io.github.sparkbilevel.problem.fit;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.problem.pass.Pass;
import io.github.sparkbilevel.problem.pass.PassOutput;
import io.github.sparkbilevel.problem.training.LocalTraining;
import io.github.sparkbilevel.problem.training.Trained;
import io.github.sparkbilevel.problem.training.Training;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * A pass of stochastic training of several plain models, each on its own rows.
 *
 * @param penalty c of one model
 * @param number of the pass; the draws depend on it
 */
record FitTrainPass(
    BlockKernel kernel,
    List<FitRows> fits,
    Trained start,
    Training training,
    double[] penalty,
    long number)
    implements Pass<FitState, FitState> {

  @Override
  public String name() {
    return "train models";
  }

  @Override
  public String kernels() {
    return "∇ℓ of batches, steps of " + fits.size() + " models";
  }

  @Override
  public long bytes() {
    return start.bytes() + 8L * penalty.length;
  }

  @Override
  public PassOutput<FitState> apply(PartitionData data, FitState input) {
    double[] sums = new double[fits.size() * start.stride()];
    int[] ofTraining = SelectPass.indices(fits, true);
    int[] ofTrusted = SelectPass.indices(fits, false);
    int first = data.train().length;
    Block[] blocks =
        Stream.concat(
                Arrays.stream(data.train()).map(kernel.model().loss()::given),
                Arrays.stream(data.trusted()).map(kernel.model().loss()::known))
            .toArray(Block[]::new);
    LocalTraining local = new LocalTraining(kernel, blocks, training, penalty, true);
    for (int f = 0; f < fits.size(); f++) {
      int training = Arrays.binarySearch(ofTraining, f);
      int trusted = Arrays.binarySearch(ofTrusted, f);
      local.run(
          start,
          f,
          number,
          (b, i) ->
              b < first
                  ? weight(input.training()[b], blocks[b].rows(), i, training)
                  : weight(input.trusted()[b - first], blocks[b].rows(), i, trusted),
          sums);
    }
    return new PassOutput<>(null, sums);
  }

  private static double weight(double[] weights, int rows, int row, int set) {
    return set < 0 ? 0 : weights[set * rows + row];
  }
}
