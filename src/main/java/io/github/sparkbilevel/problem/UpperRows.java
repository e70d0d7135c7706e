package io.github.sparkbilevel.problem;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.problem.snapshot.Snapshot;
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

  /** Writes down which rows they are. */
  public void save(Snapshot snapshot) {
    if (fold != null) {
      snapshot.put("fold", fold);
    }
  }

  /** What {@link #save} wrote. */
  public static UpperRows restored(Snapshot snapshot) {
    return snapshot.has("fold") ? new UpperRows(snapshot.integer("fold")) : ALL;
  }
}
