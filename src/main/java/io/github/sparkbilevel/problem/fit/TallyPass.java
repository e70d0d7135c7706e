package io.github.sparkbilevel.problem.fit;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.OutputTile;
import io.github.sparkbilevel.model.RowOutputs;
import io.github.sparkbilevel.problem.PartitionState;
import io.github.sparkbilevel.problem.oracle.Tally;
import io.github.sparkbilevel.problem.pass.PassOutput;

/**
 * How several models do on the upper, held-out and test rows: {@link Tally#SUMS} sums for each part
 * and model, and behind them for each part, model and class Σ w of the rows that are right, and Σ w
 * of all; of real labels for each part and model the sums of {@link Errors}.
 *
 * @param theta the models' parameters, d each
 */
record TallyPass(BlockKernel kernel, double[][] theta) implements OutputsPass {

  static final int PARTS = 3;

  @Override
  public String name() {
    return "tally";
  }

  @Override
  public PassOutput<PartitionState> apply(PartitionData data, PartitionState input) {
    Block[][] parts = {data.upper(), data.heldOut(), data.test()};
    double[] sums = new double[recall(theta.length, 0)];
    for (int m = 0; m < theta.length; m++) {
      for (int part = 0; part < PARTS; part++) {
        for (Block block : parts[part]) {
          add(block, theta[m], sums, tally(m, part), recall(m, part));
        }
      }
    }
    return new PassOutput<>(null, sums);
  }

  private void add(Block block, double[] of, double[] sums, int tally, int recall) {
    Loss loss = kernel.model().loss();
    RowOutputs outputs = outputs(block, of);
    Tally.add(loss, block, outputs, sums, tally);
    OutputTile p = outputs.predictions(loss, block.rows(), 0);
    for (int i = 0; i < block.rows(); i++) {
      if (!loss.hasAccuracy()) {
        Errors.add(loss.predict(p, i), block.labels()[i], block.weight(i), sums, recall);
      }
      if (loss.classes() == 0) {
        continue;
      }
      int label = (int) block.labels()[i];
      sums[recall + 2 * label] += loss.predict(p, i) == label ? block.weight(i) : 0;
      sums[recall + 2 * label + 1] += block.weight(i);
    }
  }

  /** Where the sums of a tally lie. */
  static int tally(int model, int part) {
    return (model * PARTS + part) * Tally.SUMS;
  }

  /** Where the sums by class lie: 2 for each; or those of errors. */
  int recall(int model, int part) {
    Loss loss = kernel.model().loss();
    int size = loss.hasAccuracy() ? 2 * loss.classes() : Errors.SUMS;
    return tally(theta.length, 0) + (model * PARTS + part) * size;
  }
}
