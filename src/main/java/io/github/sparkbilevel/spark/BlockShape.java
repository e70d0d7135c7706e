package io.github.sparkbilevel.spark;

import java.io.Serializable;

/**
 * How rows become blocks.
 *
 * @param columns p, features of a row
 * @param sparse whether blocks are compressed sparse rows
 * @param single whether dense blocks hold float32
 * @param shift what standardisation takes from every row of a sparse block, or null
 * @param blockBytes the most bytes of feature values in a block
 */
public record BlockShape(
    int columns, boolean sparse, boolean single, double[] shift, long blockBytes)
    implements Serializable {

  /** Checks the figures. */
  public BlockShape {
    if (columns < 1 || blockBytes < 1) {
      throw new IllegalArgumentException(
          "got %d columns and %d bytes for a block, expected 1 or more of each"
              .formatted(columns, blockBytes));
    }
  }
}
