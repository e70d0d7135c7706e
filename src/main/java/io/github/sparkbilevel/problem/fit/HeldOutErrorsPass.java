package io.github.sparkbilevel.problem.fit;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.OutputTile;
import io.github.sparkbilevel.problem.PartitionState;
import io.github.sparkbilevel.problem.pass.PassOutput;

/**
 * The errors e of several classifiers on the held-out rows, by class: Σ w of the rows of a class, Σ
 * w e of each model, and Σ w² e_a e_b of each pair.
 *
 * @param theta the models' parameters, d each
 * @param ranks where errors are those of ranks, what each model ranks wrongly; null where a row is
 *     right or wrong
 */
record HeldOutErrorsPass(BlockKernel kernel, double[][] theta, ScoreRanks ranks)
    implements OutputsPass {

  @Override
  public String name() {
    return "held-out errors";
  }

  @Override
  public long bytes() {
    return OutputsPass.super.bytes() + (ranks == null ? 0 : ranks.bytes());
  }

  private int sumsOfClass() {
    return 1 + theta.length + theta.length * theta.length;
  }

  /** Where Σ w of a class lies. */
  int weight(int k) {
    return k * sumsOfClass();
  }

  /** Where Σ w e of a class and a model lies. */
  int error(int k, int model) {
    return weight(k) + 1 + model;
  }

  /** Where Σ w² e_a e_b of a class lies. */
  int product(int k, int a, int b) {
    return error(k, theta.length) + a * theta.length + b;
  }

  @Override
  public PassOutput<PartitionState> apply(PartitionData data, PartitionState input) {
    double[] sums = new double[kernel.model().loss().classes() * sumsOfClass()];
    for (Block block : data.heldOut()) {
      double[][] errors = errors(block);
      for (int i = 0; i < block.rows(); i++) {
        int k = (int) block.labels()[i];
        double w = block.weight(i);
        sums[weight(k)] += w;
        for (int a = 0; a < theta.length; a++) {
          sums[error(k, a)] += w * errors[a][i];
          for (int b = 0; b < theta.length; b++) {
            sums[product(k, a, b)] += w * w * errors[a][i] * errors[b][i];
          }
        }
      }
    }
    return new PassOutput<>(null, sums);
  }

  private double[][] errors(Block block) {
    Loss loss = kernel.model().loss();
    double[][] errors = new double[theta.length][block.rows()];
    for (int m = 0; m < theta.length; m++) {
      OutputTile p = predictions(block, theta[m]);
      for (int i = 0; i < block.rows(); i++) {
        double label = block.labels()[i];
        errors[m][i] =
            ranks != null
                ? ranks.wrong(m, (int) label, loss.probability(p, i, 1))
                : loss.predict(p, i) == label ? 0 : 1;
      }
    }
    return errors;
  }
}
