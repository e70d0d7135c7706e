package io.github.sparkbilevel.problem.training;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.problem.Batches;
import io.github.sparkbilevel.problem.sampling.RowDraw;
import java.util.Arrays;

/**
 * The steps that one partition takes in a pass of stochastic training.
 *
 * <p>Rows are drawn with a probability in proportion to their weights, and those drawn count alike:
 * the gradient is unbiased, and rows that weigh next to nothing cost nothing. Draws and order come
 * from (seed, pass, row id), so that a lost partition takes the same steps again.
 *
 * @param penalty c, the strength of every coefficient
 * @param ofMean whether the data part is the mean over the weight of the rows, or over their number
 */
public record LocalTraining(
    BlockKernel kernel, Block[] blocks, Training training, double[] penalty, boolean ofMean) {
  private static final long THINNING = 11;
  private static final long ORDER = 12;

  /** Weight of a row of a block. */
  @FunctionalInterface
  public interface WeightOf {
    double weight(int block, int row);
  }

  /** Trains one of the models and adds what {@link Trained#next} reads. */
  public void run(Trained start, int model, long number, WeightOf weights, double[] sums) {
    double most = 0;
    double total = 0;
    int rows = 0;
    for (int b = 0; b < blocks.length; b++) {
      for (int i = 0; i < blocks[b].rows(); i++) {
        double w = weights.weight(b, i);
        most = Math.max(most, w);
        total += w;
        rows++;
      }
    }
    if (!(total > 0) || Double.isInfinite(total)) {
      return;
    }
    // A batch has at most half a batch more than its share, or all rows where they are few.
    int largest = Math.min(rows, training.rule().batch() + (training.rule().batch() + 1) / 2);
    Steps steps = Steps.from(kernel, start, model, penalty, blocks[0], largest);
    double scale = ofMean ? 1 : total / rows;
    int taken = 0;
    for (int sweep = 0; taken < training.rule().leastSteps(); sweep++) {
      long key = RowDraw.bits(training.seed(), sweep, number);
      long[] order = order(key, weights, most);
      if (order.length == 0) {
        break;
      }
      int batches = Math.max(1, Math.round(order.length / (float) training.rule().batch()));
      // The first sweep is whole; more of them, the exception of few rows, end where they may.
      int end = sweep == 0 ? batches : Math.min(batches, training.rule().leastSteps() - taken);
      for (int c = 0; c < end; c++) {
        int from = (int) ((long) c * order.length / batches);
        int to = (int) ((long) (c + 1) * order.length / batches);
        // Steps shrink evenly over all of them.
        double inPass = (taken + 0.5) / Math.max(batches, training.rule().leastSteps());
        double length = training.stepAt((start.passes() + inPass) / training.passes());
        Block batch = Batches.gather(blocks, order, from, to);
        steps.take(training.augmentation().of(batch, key), scale / (to - from), length);
        taken++;
      }
    }
    steps.addTo(sums, model * start.stride(), total);
  }

  /**
   * The rows drawn, as block and row in a number each, in the order of a hash of their ids; where
   * that agrees, as they lie.
   */
  private long[] order(long key, WeightOf weights, double most) {
    int rows = Arrays.stream(blocks).mapToInt(Block::rows).sum();
    long[] entries = new long[rows];
    long[] hashes = new long[rows];
    // Numbers of rows take the place of the lowest bits of the hashes.
    long low = -1L >>> Long.numberOfLeadingZeros(rows);
    int count = 0;
    for (int b = 0; b < blocks.length; b++) {
      long[] ids = blocks[b].ids();
      for (int i = 0; i < ids.length; i++) {
        double w = weights.weight(b, i);
        if (w > 0 && RowDraw.uniform(key, THINNING, ids[i]) * most < w) {
          hashes[count] = (RowDraw.bits(key, ORDER, ids[i]) & ~low) | count;
          entries[count++] = ((long) b << 32) | i;
        }
      }
    }
    Arrays.sort(hashes, 0, count);
    long[] order = new long[count];
    Arrays.setAll(order, c -> entries[(int) (hashes[c] & low)]);
    return order;
  }
}
