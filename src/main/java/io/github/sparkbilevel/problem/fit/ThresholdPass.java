package io.github.sparkbilevel.problem.fit;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.problem.PartitionState;
import io.github.sparkbilevel.problem.pass.Pass;
import io.github.sparkbilevel.problem.pass.PassOutput;

/**
 * The thresholds of confident learning (Northcutt, Jiang and Chuang, JAIR 2021, equation 2): for
 * each class the mean out-of-sample probability of the class among the rows labelled with it, by
 * their base weights. Sums: for each class Σ w p and Σ w.
 */
record ThresholdPass(BlockKernel kernel, Judge judge)
    implements Pass<PartitionState, PartitionState> {

  @Override
  public String name() {
    return "class thresholds";
  }

  @Override
  public String kernels() {
    return "outputs of " + judge.theta().length + " models, class means";
  }

  @Override
  public long bytes() {
    return 8L * judge.theta().length * kernel.model().size();
  }

  @Override
  public PassOutput<PartitionState> apply(PartitionData data, PartitionState input) {
    Loss loss = kernel.model().loss();
    double[] sums = new double[2 * loss.classes()];
    for (Block block : data.train()) {
      JudgedRows.forEach(
          kernel,
          block,
          judge,
          (i, p) -> {
            double label = block.labels()[i];
            int at = 2 * (int) label;
            sums[at] += block.weight(i) * loss.probability(p, i, label);
            sums[at + 1] += block.weight(i);
          });
    }
    return new PassOutput<>(null, sums);
  }
}
