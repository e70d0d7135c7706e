package io.github.sparkbilevel.block;

import java.io.Serializable;

/** The feature rows of a block: dense row-major or compressed sparse rows. */
public sealed interface Features extends Serializable permits DenseFeatures, CsrFeatures {

  /** Number of rows. */
  int rows();

  /** Number of features (without an intercept). */
  int columns();

  /** Bytes of heap that the feature values and their indices occupy. */
  long bytes();
}
