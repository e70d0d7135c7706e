package io.github.sparkbilevel.problem;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.RowOutputs;

/**
 * The losses of several classifiers on the held-out rows, each at several temperatures τ: −log of
 * p_y^{1/τ} / Σ_c p_c^{1/τ} (Guo, Pleiss, Sun, Weinberger, ICML 2017).
 *
 * <p>Sums: the number of rows; Σ ℓ for each model and temperature, model after model; then Σ ℓ_a
 * ℓ_b for each pair of these.
 *
 * @param theta the models' parameters, d each
 * @param temperatures τ
 */
record CalibrationPass(BlockKernel kernel, double[][] theta, double[] temperatures)
    implements Pass<PartitionState, PartitionState> {

  @Override
  public String name() {
    return "calibrate";
  }

  @Override
  public String kernels() {
    return "outputs of " + theta.length + " models";
  }

  @Override
  public long bytes() {
    return 8L * theta.length * kernel.model().size();
  }

  private int columns() {
    return theta.length * temperatures.length;
  }

  /** Where Σ ℓ of a model at a temperature lies. */
  int loss(int model, int temperature) {
    return 1 + model * temperatures.length + temperature;
  }

  /** Where Σ ℓ_a ℓ_b lies, for two places that {@link #loss} gave. */
  int product(int a, int b) {
    return 1 + columns() + (a - 1) * columns() + b - 1;
  }

  @Override
  public PassOutput<PartitionState> apply(PartitionData data, PartitionState input) {
    int columns = columns();
    double[] sums = new double[1 + columns + columns * columns];
    for (Block block : data.heldOut()) {
      double[][] losses = losses(block);
      for (double[] row : losses) {
        sums[0]++;
        for (int a = 0; a < columns; a++) {
          sums[1 + a] += row[a];
          for (int b = 0; b < columns; b++) {
            sums[1 + columns + a * columns + b] += row[a] * row[b];
          }
        }
      }
    }
    return new PassOutput<>(null, sums);
  }

  private double[][] losses(Block block) {
    Loss loss = kernel.model().loss();
    double[][] losses = new double[block.rows()][columns()];
    double[] logs = new double[loss.classes()];
    for (int m = 0; m < theta.length; m++) {
      RowOutputs outputs = RowOutputs.allocate(block.rows(), 1, loss.outputs(), false);
      kernel.predict(block, theta[m], 1, null, outputs);
      for (int i = 0; i < block.rows(); i++) {
        double most = Double.NEGATIVE_INFINITY;
        for (int c = 0; c < logs.length; c++) {
          double p = loss.probability(outputs.predictions(), i * loss.outputs(), c);
          logs[c] = Math.log(Math.max(p, Double.MIN_NORMAL));
          most = Math.max(most, logs[c]);
        }
        int label = (int) block.labels()[i];
        for (int t = 0; t < temperatures.length; t++) {
          double sum = 0;
          for (double log : logs) {
            sum += Math.exp((log - most) / temperatures[t]);
          }
          losses[i][loss(m, t) - 1] = Math.log(sum) - (logs[label] - most) / temperatures[t];
        }
      }
    }
    return losses;
  }
}
