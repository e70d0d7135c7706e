package io.github.sparkbilevel.block;

import java.io.Serializable;

/** The feature rows of a block: dense row after row or in panels, or compressed sparse rows. */
public sealed interface Features extends Serializable
    permits DenseFeatures, PanelFeatures, CsrFeatures {

  /** Number of rows. */
  int rows();

  /** Number of features (without an intercept). */
  int columns();

  /** Writes the numbers of a row, one for each column. */
  void copyRow(int row, double[] out);

  /** Bytes of heap that the feature values and their indices occupy. */
  long bytes();
}
