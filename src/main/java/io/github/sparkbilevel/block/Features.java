package io.github.sparkbilevel.block;

import java.io.Serializable;

/** The feature rows of a block: dense row after row or in panels, or compressed sparse rows. */
public sealed interface Features extends Serializable
    permits DenseFeatures, PanelFeatures, CsrFeatures {

  /** Number of rows. */
  int rows();

  /** Number of features (without an intercept). */
  int columns();

  /**
   * A copy of some rows, stored in the same way.
   *
   * @param rows their indices, in the order of the copy
   */
  Features select(int[] rows);

  /**
   * A copy of some columns of all rows, dense row after row, or sparse where the rows are.
   *
   * @param chosen their indices, rising; column j of the copy is {@code chosen[j]}
   */
  default Features selectColumns(int[] chosen) {
    double[] row = new double[columns()];
    double[] values = new double[Math.multiplyExact(rows(), chosen.length)];
    for (int i = 0; i < rows(); i++) {
      copyRow(i, row);
      for (int j = 0; j < chosen.length; j++) {
        values[i * chosen.length + j] = row[chosen[j]];
      }
    }
    return DenseFeatures.ofDoubles(rows(), chosen.length, values);
  }

  /** Writes the numbers of a row, one for each column. */
  void copyRow(int row, double[] out);

  /** Whether the values are float32. */
  boolean isSingle();

  /** Bytes of heap that the feature values and their indices occupy. */
  long bytes();
}
