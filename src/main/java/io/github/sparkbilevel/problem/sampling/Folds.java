package io.github.sparkbilevel.problem.sampling;

import io.github.sparkbilevel.block.Block;
import java.io.Serializable;

/**
 * A cut of rows into folds.
 *
 * @param by what rows of one fold share
 * @param count number of folds, 2 or more
 * @param seed what a cut by ids depends on beside them
 * @param purpose tells cuts with the same seed apart
 */
public record Folds(By by, int count, long seed, long purpose) implements Serializable {

  /** What decides on the fold of a row. */
  public enum By {
    /** A hash of its id. */
    ID,
    /** Its group: the groups are dealt out to the folds in their order. */
    GROUP
  }

  /** Checks the number of folds. */
  public Folds {
    if (count < 2) {
      throw new IllegalArgumentException("got " + count + " folds, expected 2 or more");
    }
  }

  /** Folds by the ids of rows. */
  public Folds(int count, long seed, long purpose) {
    this(By.ID, count, seed, purpose);
  }

  /** Folds by the groups of rows. */
  public static Folds byGroup(int count) {
    return new Folds(By.GROUP, count, 0, 0);
  }

  /** The fold of a row, by its id. */
  public int of(long id) {
    return of(id, 0);
  }

  /** The fold of a row. */
  public int of(long id, int group) {
    return by == By.GROUP ? group % count : RowDraw.fold(seed, purpose, id, count);
  }

  /** The fold of a block whose rows are of one fold. */
  public int of(Block block) {
    return of(block.ids()[0], block.group(0));
  }
}
