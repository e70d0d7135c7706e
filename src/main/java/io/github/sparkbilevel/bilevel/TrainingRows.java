package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.block.BlockLayout;

/**
 * What the cost of a pass depends on.
 *
 * @param count n, the number of training rows
 * @param partitions P
 * @param layout how features lie in memory
 */
public record TrainingRows(long count, int partitions, BlockLayout layout) {

  /** Whether the features are sparse. */
  boolean sparse() {
    return layout == BlockLayout.SPARSE_ROWS;
  }
}
