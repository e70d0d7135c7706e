package io.github.sparkbilevel.problem.fit;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.problem.PartitionState;
import io.github.sparkbilevel.problem.pass.PassOutput;

/**
 * How many rows have an error of what size, by their base weights: {@link ErrorCounts#CELLS} sums
 * for each model, or for all folds together.
 *
 * @param theta the models' parameters, d each
 */
record ErrorCountsPass(BlockKernel kernel, double[][] theta, ErrorCounts counts, Rows rows)
    implements OutputsPass {

  /** Which rows are counted. */
  enum Rows {
    /** All training rows, for each model. */
    TRAINING,
    /** The trusted rows of the upper objective, each by the model that lacks its fold. */
    OTHER_FOLD
  }

  @Override
  public String name() {
    return "error counts";
  }

  @Override
  public String kernels() {
    return "outputs of " + theta.length + (theta.length == 1 ? " model" : " models") + ", counts";
  }

  @Override
  public PassOutput<PartitionState> apply(PartitionData data, PartitionState input) {
    boolean training = rows == Rows.TRAINING;
    double[] sums = new double[(training ? theta.length : 1) * ErrorCounts.CELLS];
    for (Block block : training ? data.train() : data.upper()) {
      for (int m = 0; m < (training ? theta.length : 1); m++) {
        double[][] models = training ? new double[][] {theta[m]} : theta;
        add(block, models, sums, m * ErrorCounts.CELLS);
      }
    }
    return new PassOutput<>(null, sums);
  }

  private void add(Block block, double[][] models, double[] sums, int at) {
    Loss loss = kernel.model().loss();
    JudgedRows.forEach(
        kernel,
        block,
        models,
        i -> models.length == 1 ? 0 : block.group(i),
        (i, p) -> {
          double error = Math.abs(loss.predict(p, i) - block.labels()[i]);
          counts.add(error, block.weight(i), sums, at);
        });
  }
}
