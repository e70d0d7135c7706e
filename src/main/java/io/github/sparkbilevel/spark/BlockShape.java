package io.github.sparkbilevel.spark;

import java.io.Serializable;
import java.util.List;

/**
 * How rows become blocks.
 *
 * @param columns p, features of a row
 * @param sparse whether blocks are compressed sparse rows
 * @param single whether dense blocks hold float32
 * @param shift what standardisation takes from every row of a sparse block, or null
 * @param blockBytes the most bytes of feature values in a block
 * @param names what messages call the columns; empty where they have no names
 */
public record BlockShape(
    int columns,
    boolean sparse,
    boolean single,
    double[] shift,
    long blockBytes,
    List<String> names)
    implements Serializable {

  /** Checks the figures. */
  public BlockShape {
    if (columns < 1 || blockBytes < 1) {
      throw new IllegalArgumentException(
          "got %d columns and %d bytes for a block, expected 1 or more of each"
              .formatted(columns, blockBytes));
    }
  }

  /** Columns without names. */
  public BlockShape(int columns, boolean sparse, boolean single, double[] shift, long blockBytes) {
    this(columns, sparse, single, shift, blockBytes, List.of());
  }

  /** What messages call a column. */
  String name(int column) {
    return names.isEmpty() ? "number " + column : "'" + names.get(column) + "'";
  }
}
