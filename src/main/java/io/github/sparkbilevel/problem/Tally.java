package io.github.sparkbilevel.problem;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.RowOutputs;
import java.util.function.IntPredicate;

/**
 * How well parameters do on rows that they were not fitted to.
 *
 * @param loss mean loss; NaN without rows
 * @param accuracy share of rows whose label the model prefers; NaN without rows or without classes
 * @param standardError of the mean loss; NaN without rows
 * @param rows number of rows
 */
public record Tally(double loss, double accuracy, double standardError, long rows) {

  /**
   * √(mean (z − b)²) = √(2 · loss), the root mean squared error; of the squared loss ½(z − b)²
   * only.
   */
  public double rootMeanSquaredError() {
    return Math.sqrt(2 * loss);
  }

  /** Sums that make a tally: Σ ℓ, right predictions, rows, Σ ℓ². */
  static final int SUMS = 4;

  static Tally read(double[] sums, int at) {
    double rows = sums[at + 2];
    double mean = sums[at] / rows;
    double variance = Math.max(0, sums[at + 3] / rows - mean * mean);
    return new Tally(mean, sums[at + 1] / rows, Math.sqrt(variance / rows), (long) rows);
  }

  /** Adds the sums over some blocks; forward product only. */
  static void add(BlockKernel kernel, Block[] blocks, double[] theta, double[] sums, int at) {
    Loss loss = kernel.model().loss();
    for (Block block : blocks) {
      RowOutputs outputs = RowOutputs.allocate(block.rows(), 1, loss.outputs(), false);
      kernel.predict(block, theta, 1, null, outputs);
      addRows(loss, block, outputs, i -> true, sums, at);
    }
  }

  /** Adds the sums for the chosen rows, whose outputs are known. */
  static void addRows(
      Loss loss, Block block, RowOutputs outputs, IntPredicate chosen, double[] sums, int at) {
    for (int i = 0; i < block.rows(); i++) {
      if (chosen.test(i)) {
        double preferred = loss.predict(outputs.predictions(), i * loss.outputs());
        sums[at] += outputs.losses()[i];
        // A real label is never hit exactly but by chance.
        double right = preferred == block.labels()[i] ? 1 : 0;
        sums[at + 1] += loss.classes() > 0 ? right : Double.NaN;
        sums[at + 2] += 1;
        sums[at + 3] += outputs.losses()[i] * outputs.losses()[i];
      }
    }
  }
}
