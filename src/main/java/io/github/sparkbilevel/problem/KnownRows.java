package io.github.sparkbilevel.problem;

import io.github.sparkbilevel.block.Block;

/**
 * What an {@link UpperVariable} may know of some training rows: rows of a block that follow each
 * other, or a sample. They are numbered from 0.
 */
public final class KnownRows {
  private final Weighing at;
  private final Block[] blocks;
  private final PartitionState state;

  /** The rows, as {@link Batches#entry} numbers them: from {@code first} on, or those of a list. */
  private final long[] sample;

  private final long first;
  private final int count;

  private KnownRows(KnownRows of, long[] sample, long first, int count) {
    this.at = of.at;
    this.blocks = of.blocks;
    this.state = of.state;
    this.sample = sample;
    this.first = first;
    this.count = count;
  }

  /** No rows yet: {@link #block} and {@link #sample} choose some. */
  public KnownRows(Weighing at, Block[] blocks, PartitionState state) {
    this.at = at;
    this.blocks = blocks;
    this.state = state;
    this.sample = null;
    this.first = 0;
    this.count = 0;
  }

  public KnownRows block(int b) {
    return new KnownRows(this, null, Batches.entry(b, 0), blocks[b].rows());
  }

  public KnownRows sample(long[] entries) {
    return new KnownRows(this, entries, 0, entries.length);
  }

  /** Some of these rows. */
  public KnownRows tile(int from, int rows) {
    return new KnownRows(this, sample, first + from, rows);
  }

  private Block blockOf(int i) {
    return blocks[Batches.blockOf(entry(i))];
  }

  private int rowOf(int i) {
    return Batches.rowOf(entry(i));
  }

  private long entry(int i) {
    return sample == null ? first + i : sample[(int) first + i];
  }

  /** Number of rows. */
  public int count() {
    return count;
  }

  /** The class index 0 … K−1 or the target; −1 for a label that is none of the classes. */
  public double label(int i) {
    return blockOf(i).labels()[rowOf(i)];
  }

  /** b_i ≥ 0. */
  public double baseWeight(int i) {
    return blockOf(i).weight(rowOf(i));
  }

  /** The index of the row's group, 0 where rows have none; −1 for a group that no row had. */
  public int group(int i) {
    return blockOf(i).group(rowOf(i));
  }

  /** Writes the features as the lower level sees them. */
  public void copyFeatures(int i, double[] out) {
    blockOf(i).features().copyRow(rowOf(i), out);
  }

  /**
   * The standardised log-odds log p/(1 − p) of the row's label under a model: that of the trusted
   * rows (0), the current one (1), and the one that the run started from (2). There is one more,
   * the log-odds that rows bring; 0, as of an average row, for one that brings none.
   *
   * @param f less than {@link UpperVariable#logOdds()}
   */
  public double logOdds(int i, int f) {
    Block block = blockOf(i);
    double raw = state.scores()[Batches.blockOf(entry(i))].feature(block, rowOf(i), f);
    return Double.isNaN(raw) ? 0 : (raw - at.mean()[f]) / at.deviation()[f];
  }

  /** λ_i, for a variable with a {@link UpperVariable#rowStart}. */
  public double lambda(int i) {
    return state.lambda()[Batches.blockOf(entry(i))][rowOf(i)];
  }
}
