package io.github.sparkbilevel.problem;

import io.github.sparkbilevel.block.Block;
import java.io.Serializable;

/**
 * Which trusted rows make F.
 *
 * @param fold the fold whose rows do, or null for all
 */
public record UpperRows(Integer fold) implements Serializable {
  /** All of them. */
  public static final UpperRows ALL = new UpperRows(null);

  /** Whether all of them do. */
  public boolean isAll() {
    return fold == null;
  }

  /** Whether a row of a block of trusted rows does. */
  public boolean has(Block block, int row) {
    return fold == null || block.group(row) == fold;
  }
}
