package io.github.sparkbilevel.block;

/** How the features of a block lie in memory. */
public enum BlockLayout {
  /** Dense rows of float64, one after the other. */
  DOUBLE_ROWS(8),
  /**
   * Dense rows of float32, one after the other: for models that are trained on rows in any order.
   */
  SINGLE_ROWS(4),
  /** Dense rows of float32 in panels: for models whose passes go over all rows. */
  SINGLE_PANELS(4),
  /** Compressed sparse rows of float64. */
  SPARSE_ROWS(8);

  private final int bytes;

  BlockLayout(int bytes) {
    this.bytes = bytes;
  }

  /** Bytes of a number. */
  public int bytes() {
    return bytes;
  }

  /** Whether numbers are rounded to float32. */
  public boolean isSingle() {
    return bytes == Float.BYTES;
  }
}
