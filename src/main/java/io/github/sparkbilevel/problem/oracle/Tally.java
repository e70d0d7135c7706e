package io.github.sparkbilevel.problem.oracle;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.OutputTile;
import io.github.sparkbilevel.model.RowOutputs;
import java.util.function.IntPredicate;

/**
 * How well parameters do on rows that they were not fitted to.
 *
 * @param loss mean loss, by the rows' base weights; NaN without rows
 * @param accuracy share of the weight of rows whose label the model prefers, or of several labels
 *     the mean share; NaN without rows or of real labels
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

  /** Sums that make a tally: Σ w ℓ, Σ w of right predictions, Σ w, Σ w ℓ², Σ w², rows. */
  public static final int SUMS = 6;

  /**
   * The tally that the sums make. The standard error counts (Σ w)² / Σ w² rows, their number where
   * all weigh alike (Kish, Survey Sampling, 1965, section 11.7).
   */
  public static Tally read(double[] sums, int at) {
    double weight = weight(sums, at);
    double mean = sums[at] / weight;
    double variance = Math.max(0, sums[at + 3] / weight - mean * mean);
    double effective = weight * weight / sums[at + 4];
    return new Tally(
        mean, sums[at + 1] / weight, Math.sqrt(variance / effective), (long) sums[at + 5]);
  }

  /** The same with a number added to the loss. */
  Tally plus(double term) {
    return new Tally(loss + term, accuracy, standardError, rows);
  }

  /** Σ w of the rows. */
  static double weight(double[] sums, int at) {
    return sums[at + 2];
  }

  /** Adds the sums over some blocks; forward product only. */
  public static void add(
      BlockKernel kernel, Block[] blocks, double[] theta, double[] sums, int at) {
    Loss loss = kernel.model().loss();
    for (Block block : blocks) {
      RowOutputs outputs = RowOutputs.allocate(block.rows(), 1, loss.outputs(), false);
      kernel.predict(block, theta, 1, null, outputs);
      addRows(loss, block, outputs, i -> true, sums, at);
    }
  }

  /** Adds the sums over a block whose outputs are known. */
  public static void add(Loss loss, Block block, RowOutputs outputs, double[] sums, int at) {
    addRows(loss, block, outputs, i -> true, sums, at);
  }

  /** Adds the sums for the chosen rows, whose outputs are known. */
  static void addRows(
      Loss loss, Block block, RowOutputs outputs, IntPredicate chosen, double[] sums, int at) {
    OutputTile p = outputs.predictions(loss, block.rows(), 0);
    for (int i = 0; i < block.rows(); i++) {
      if (chosen.test(i)) {
        double w = block.weight(i);
        double l = outputs.losses()[i];
        sums[at] += w * l;
        sums[at + 1] += w * loss.accuracy(p, i, block.labels()[i]);
        sums[at + 2] += w;
        sums[at + 3] += w * l * l;
        sums[at + 4] += w * w;
        sums[at + 5] += 1;
      }
    }
  }
}
