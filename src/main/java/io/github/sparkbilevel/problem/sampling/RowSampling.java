package io.github.sparkbilevel.problem.sampling;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.problem.Batches;
import java.io.Serializable;
import java.util.Arrays;

/**
 * How draws cover the rows: each partition cuts its rows into mini-blocks, one of which every draw
 * takes, and an epoch of as many draws takes each of them once.
 *
 * <p>What a draw takes depends on (seed, epoch, first row id of the partition) alone. In a
 * partition the mini-blocks differ by one row at most; where there are fewer rows than mini-blocks,
 * some are empty. Sums over a draw are multiplied by the number of mini-blocks, the inverse of the
 * probability of each row: without bias, and over an epoch the mean is that of all rows exactly.
 *
 * @param batches mini-blocks of a partition, and draws of an epoch; 1 takes all rows, without a
 *     copy
 * @param fixed whether mini-blocks keep their rows from epoch to epoch, and only their order
 *     changes; otherwise every epoch cuts anew
 * @param seed of the draws
 */
public record RowSampling(int batches, boolean fixed, long seed) implements Serializable {
  private static final long CUT = 21;
  private static final long ORDER = 22;

  /** Rows of the lower level. */
  public static final long LOWER = 0;

  /** Rows of the upper level. */
  static final long UPPER = 1;

  /** Checks the number. */
  public RowSampling {
    if (batches < 1) {
      throw new IllegalArgumentException("got " + batches + " mini-blocks, expected 1 or more");
    }
  }

  /** All rows in every draw. */
  public static RowSampling all() {
    return new RowSampling(1, true, 0);
  }

  /** About a share of the rows in every draw: one of ⌊1/share + ½⌋ mini-blocks. */
  public static RowSampling ofShare(double share, boolean fixed, long seed) {
    if (!(share > 0 && share <= 1)) {
      throw new IllegalArgumentException(
          "got a batch share of " + share + ", expected a number above 0 and at most 1");
    }
    return new RowSampling((int) Math.min(Integer.MAX_VALUE, Math.round(1 / share)), fixed, seed);
  }

  /** The mini-block that a draw takes in the partition of some blocks. */
  public int batch(Block[] blocks, long draw) {
    long epoch = draw / batches;
    // Small partitions have empty mini-blocks: not all of them in the same draw.
    long place = draw % batches + RowDraw.fold(seed, ORDER, firstId(blocks), batches);
    int turned = (int) (place % batches);
    return fixed ? new RowShuffle(batches, RowDraw.bits(seed, ORDER, epoch)).at(turned) : turned;
  }

  /**
   * The rows of a mini-block, as {@link Batches} takes them: rising, so that memory is read
   * forward.
   *
   * @param level {@link #LOWER} or {@link #UPPER}
   */
  public long[] rows(Block[] blocks, long draw, int batch, long level) {
    int[] ends = new int[blocks.length];
    int n = 0;
    for (int b = 0; b < blocks.length; b++) {
      n = Math.addExact(n, blocks[b].rows());
      ends[b] = n;
    }
    int from = (int) ((long) batch * n / batches);
    int to = (int) ((batch + 1L) * n / batches);
    if (from == to) {
      return new long[0];
    }
    long cut = RowDraw.bits(seed, CUT + 2 * level, fixed ? 0 : draw / batches);
    RowShuffle shuffle = new RowShuffle(n, RowDraw.bits(cut, level, firstId(blocks)));
    int[] places = new int[to - from];
    Arrays.setAll(places, i -> shuffle.at(from + i));
    Arrays.sort(places);
    long[] rows = new long[places.length];
    int b = 0;
    for (int i = 0; i < rows.length; i++) {
      while (places[i] >= ends[b]) {
        b++;
      }
      rows[i] = Batches.entry(b, places[i] - ends[b] + blocks[b].rows());
    }
    return rows;
  }

  private static long firstId(Block[] blocks) {
    for (Block block : blocks) {
      if (block.rows() > 0) {
        return block.ids()[0];
      }
    }
    return 0;
  }
}
