package io.github.sparkbilevel.problem.fit;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.RowOutputs;
import io.github.sparkbilevel.problem.PartitionState;
import io.github.sparkbilevel.problem.pass.PassOutput;
import java.util.Arrays;

/**
 * The losses of several classifiers on the held-out rows, each at several temperatures τ: −log of
 * p_y^{1/τ} / Σ_c p_c^{1/τ} (Guo, Pleiss, Sun, Weinberger, ICML 2017).
 *
 * <p>Sums: Σ w of the rows and Σ w²; Σ w ℓ for each model and temperature, model after model; then
 * Σ w ℓ_a ℓ_b for each pair of these.
 *
 * @param theta the models' parameters, d each
 * @param temperatures τ
 */
record CalibrationPass(BlockKernel kernel, double[][] theta, double[] temperatures)
    implements OutputsPass {

  /** Where Σ w and Σ w² lie, and how many such sums come first. */
  static final int WEIGHT = 0;

  static final int SQUARED_WEIGHT = 1;
  private static final int FIGURES = 2;

  @Override
  public String name() {
    return "calibrate";
  }

  private int columns() {
    return theta.length * temperatures.length;
  }

  /** Where Σ ℓ of a model at a temperature lies. */
  int loss(int model, int temperature) {
    return FIGURES + model * temperatures.length + temperature;
  }

  /** Where Σ ℓ_a ℓ_b lies, for two places that {@link #loss} gave. */
  int product(int a, int b) {
    return FIGURES + columns() + (a - FIGURES) * columns() + b - FIGURES;
  }

  @Override
  public PassOutput<PartitionState> apply(PartitionData data, PartitionState input) {
    int columns = columns();
    double[] sums = new double[FIGURES + columns + columns * columns];
    for (Block block : data.heldOut()) {
      double[][] losses = losses(block);
      for (int i = 0; i < block.rows(); i++) {
        double w = block.weight(i);
        double[] row = losses[i];
        sums[WEIGHT] += w;
        sums[SQUARED_WEIGHT] += w * w;
        for (int a = 0; a < columns; a++) {
          sums[FIGURES + a] += w * row[a];
          for (int b = 0; b < columns; b++) {
            sums[FIGURES + columns + a * columns + b] += w * row[a] * row[b];
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
      RowOutputs outputs = outputs(block, theta[m]);
      for (int i = 0; i < block.rows(); i++) {
        if (logs.length == 0) {
          // Of a real label no temperature is known: the loss is the same at each.
          Arrays.fill(
              losses[i], loss(m, 0) - FIGURES, loss(m + 1, 0) - FIGURES, outputs.losses()[i]);
          continue;
        }
        double most = Double.NEGATIVE_INFINITY;
        for (int c = 0; c < logs.length; c++) {
          double p = loss.probability(outputs.predictions(loss, block.rows(), 0), i, c);
          logs[c] = Math.log(Math.max(p, Double.MIN_NORMAL));
          most = Math.max(most, logs[c]);
        }
        int label = (int) block.labels()[i];
        for (int t = 0; t < temperatures.length; t++) {
          double sum = 0;
          for (double log : logs) {
            sum += Math.exp((log - most) / temperatures[t]);
          }
          losses[i][loss(m, t) - FIGURES] = Math.log(sum) - (logs[label] - most) / temperatures[t];
        }
      }
    }
    return losses;
  }
}
