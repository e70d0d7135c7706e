package io.github.sparkbilevel.problem.fit;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.problem.PartitionState;
import io.github.sparkbilevel.problem.pass.PassOutput;

/**
 * Σ w ln p(label) of the trusted rows of the upper objective at several temperatures, each row by
 * the model that did not see its fold.
 *
 * @param theta a model without each fold of the trusted rows
 */
record TrustedTemperaturePass(BlockKernel kernel, double[][] theta, double[] temperatures)
    implements OutputsPass {

  @Override
  public String name() {
    return "calibrate";
  }

  @Override
  public PassOutput<PartitionState> apply(PartitionData data, PartitionState input) {
    Loss loss = kernel.model().loss();
    double[] sums = new double[temperatures.length];
    double[] logs = new double[loss.classes()];
    double[] q = new double[loss.classes()];
    for (Block block : data.upper()) {
      JudgedRows.forEach(
          kernel,
          block,
          theta,
          block::group,
          (i, p) -> {
            NoiseCountsPass.logarithms(loss, p, i, logs);
            for (int t = 0; t < temperatures.length; t++) {
              NoiseCountsPass.soften(logs, temperatures[t], q);
              double right = Math.max(q[(int) block.labels()[i]], Double.MIN_NORMAL);
              sums[t] += block.weight(i) * Math.log(right);
            }
          });
    }
    return new PassOutput<>(null, sums);
  }
}
