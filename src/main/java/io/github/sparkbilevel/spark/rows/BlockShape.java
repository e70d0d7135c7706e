package io.github.sparkbilevel.spark.rows;

import io.github.sparkbilevel.block.BlockLayout;
import io.github.sparkbilevel.block.DataException;
import java.io.Serializable;
import java.util.List;

/**
 * How rows become blocks.
 *
 * @param columns p, features of a row
 * @param layout how blocks lie in memory
 * @param shift what standardisation takes from every row of a sparse block, or null
 * @param blockBytes the most bytes of feature values in a block
 * @param names what messages call the columns; empty where they have no names
 */
public record BlockShape(
    int columns, BlockLayout layout, double[] shift, long blockBytes, List<String> names)
    implements Serializable {

  /** What rounds to a float; Float.MAX_VALUE, in fewer digits. */
  private static final double LARGEST_FLOAT = 3.4028e38;

  /** Checks the figures. */
  public BlockShape {
    if (columns < 1 || blockBytes < 1) {
      throw new IllegalArgumentException(
          "got %d columns and %d bytes for a block, expected 1 or more of each"
              .formatted(columns, blockBytes));
    }
  }

  /** Columns without names. */
  public BlockShape(int columns, BlockLayout layout, double[] shift, long blockBytes) {
    this(columns, layout, shift, blockBytes, List.of());
  }

  /** What messages call a column. */
  String name(int column) {
    return names.isEmpty() ? "number " + column : "'" + names.get(column) + "'";
  }

  /**
   * Refuses a row that has a number which a block cannot hold: an infinity that got in would come
   * out as a model of NaN.
   */
  void requireHolds(DataRow row) {
    boolean floats = layout.isSingle();
    double most = floats ? LARGEST_FLOAT : Double.MAX_VALUE;
    double[] values = row.values();
    for (int k = 0; k < values.length; k++) {
      if (!(Math.abs(values[k]) <= most)) {
        int column = row.indices() == null ? k : row.indices()[k];
        throw new DataException(
            "the feature column "
                + name(column)
                + " has the value "
                + values[k]
                + " in one of the "
                + row.part().label()
                + " rows, expected at most "
                + most
                + (floats
                    ? " in single precision; correct or rescale the column, set standardize ="
                        + " true, or use double precision"
                    : "; correct or rescale the column"));
      }
    }
    if (!Double.isFinite(row.weight()) || !Double.isFinite(row.label())) {
      throw new DataException(
          "one of the %s rows has the weight %s and the label %s, expected finite numbers"
              .formatted(row.part().label(), row.weight(), row.label()));
    }
  }
}
