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

  /** Writes the numbers of a row, one for each column. */
  void copyRow(int row, double[] out);

  /** Whether the values are float32. */
  boolean isSingle();

  /** Bytes of heap that the feature values and their indices occupy. */
  long bytes();
}
