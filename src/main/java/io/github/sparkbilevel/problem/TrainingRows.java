package io.github.sparkbilevel.problem;

import io.github.sparkbilevel.block.Block;

/** Some training rows of a partition: those of a block that follow each other, or a sample. */
final class TrainingRows implements KnownRows {
  private final Weighing at;
  private final Block[] blocks;
  private final PartitionState state;
  private final double[][] lambda;
  private final long[] sample;
  private final int block;
  private final int from;
  private final int count;

  /** No rows yet: {@link #block} and {@link #sample} choose some. */
  TrainingRows(Weighing at, Block[] blocks, PartitionState state, double[][] lambda) {
    this.at = at;
    this.blocks = blocks;
    this.state = state;
    this.lambda = lambda;
    this.sample = null;
    this.block = -1;
    this.from = 0;
    this.count = 0;
  }

  private TrainingRows(TrainingRows of, long[] sample, int block, int from, int count) {
    this.at = of.at;
    this.blocks = of.blocks;
    this.state = of.state;
    this.lambda = of.lambda;
    this.sample = sample;
    this.block = block;
    this.from = from;
    this.count = count;
  }

  /** The rows of a block. */
  TrainingRows block(int b) {
    return new TrainingRows(this, null, b, 0, blocks[b].rows());
  }

  /**
   * Rows from several blocks.
   *
   * @param entries as {@link Batches#entry} numbers them
   */
  TrainingRows sample(long[] entries) {
    return new TrainingRows(this, entries, -1, 0, entries.length);
  }

  /** Some of these rows. */
  TrainingRows tile(int first, int rows) {
    return new TrainingRows(this, sample, block, from + first, rows);
  }

  /** The λ_i of all blocks, which a step of theirs changes; null without any. */
  double[][] rowEntries() {
    return lambda;
  }

  private int blockOf(int i) {
    return sample == null ? block : Batches.blockOf(sample[from + i]);
  }

  private int rowOf(int i) {
    return sample == null ? from + i : Batches.rowOf(sample[from + i]);
  }

  @Override
  public int count() {
    return count;
  }

  @Override
  public double label(int i) {
    return blocks[blockOf(i)].labels()[rowOf(i)];
  }

  @Override
  public double baseWeight(int i) {
    return blocks[blockOf(i)].weight(rowOf(i));
  }

  @Override
  public int group(int i) {
    return blocks[blockOf(i)].group(rowOf(i));
  }

  @Override
  public void copyFeatures(int i, double[] out) {
    blocks[blockOf(i)].features().copyRow(rowOf(i), out);
  }

  @Override
  public double logOdds(int i, int f) {
    double raw = state.scores()[blockOf(i)].feature(rowOf(i), f);
    return (raw - at.mean()[f]) / at.deviation()[f];
  }

  @Override
  public double lambda(int i) {
    return lambda[blockOf(i)][rowOf(i)];
  }
}
