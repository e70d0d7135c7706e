package io.github.sparkbilevel.problem.fit;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.OutputTile;
import io.github.sparkbilevel.model.RowOutputs;
import io.github.sparkbilevel.problem.PartitionState;
import io.github.sparkbilevel.problem.pass.Pass;
import io.github.sparkbilevel.problem.pass.PassOutput;

/**
 * Gold loss correction's matrix (Hendrycks, Mazeika, Wilson and Gimpel, NeurIPS 2018): Σ w p_l of
 * the model of the noisy data over the trusted rows of the upper objective of class k, at [k][l].
 *
 * @param theta the model of the noisy data
 */
record TrustedMeansPass(BlockKernel kernel, double[] theta)
    implements Pass<PartitionState, PartitionState> {

  @Override
  public String name() {
    return "trusted means";
  }

  @Override
  public String kernels() {
    return "outputs of 1 model, class means";
  }

  @Override
  public long bytes() {
    return 8L * theta.length;
  }

  @Override
  public PassOutput<PartitionState> apply(PartitionData data, PartitionState input) {
    Loss loss = kernel.model().loss();
    int classes = loss.classes();
    double[] counts = new double[classes * classes];
    for (Block block : data.upper()) {
      RowOutputs outputs = RowOutputs.allocate(block.rows(), 1, loss.outputs(), false);
      kernel.predict(block, theta, 1, null, outputs);
      OutputTile p = outputs.predictions(loss, block.rows(), 0);
      for (int i = 0; i < block.rows(); i++) {
        for (int l = 0; l < classes; l++) {
          counts[(int) block.labels()[i] * classes + l] +=
              block.weight(i) * loss.probability(p, i, l);
        }
      }
    }
    return new PassOutput<>(null, counts);
  }
}
