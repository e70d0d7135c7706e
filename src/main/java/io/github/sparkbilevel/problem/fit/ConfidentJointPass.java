package io.github.sparkbilevel.problem.fit;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.problem.PartitionState;
import io.github.sparkbilevel.problem.pass.Pass;
import io.github.sparkbilevel.problem.pass.PassOutput;

/**
 * The confident joint (Northcutt, Jiang and Chuang, JAIR 2021, equation 1) of each group: the base
 * weight of the training rows with given label l of which class k is present, at [g][k][l].
 *
 * @param judge by the rule of confident learning
 * @param groups number of groups
 */
record ConfidentJointPass(BlockKernel kernel, Judge judge, int groups)
    implements Pass<PartitionState, PartitionState> {

  @Override
  public String name() {
    return "confident joint";
  }

  @Override
  public String kernels() {
    return "outputs of " + judge.theta().length + " models, counts";
  }

  @Override
  public long bytes() {
    return 8L * judge.theta().length * kernel.model().size();
  }

  @Override
  public PassOutput<PartitionState> apply(PartitionData data, PartitionState input) {
    Loss loss = kernel.model().loss();
    int classes = loss.classes();
    double[] counts = new double[groups * classes * classes];
    JudgingRule.Confident rule = (JudgingRule.Confident) judge.rule();
    for (Block block : data.train()) {
      JudgedRows.forEach(
          kernel,
          block,
          judge,
          (i, p) -> {
            int k = rule.present(loss, p, i);
            if (k >= 0) {
              int group = groups == 1 ? 0 : block.group(i);
              counts[(group * classes + k) * classes + (int) block.labels()[i]] += block.weight(i);
            }
          });
    }
    return new PassOutput<>(null, counts);
  }
}
