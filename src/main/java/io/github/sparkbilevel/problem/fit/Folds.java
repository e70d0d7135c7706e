package io.github.sparkbilevel.problem.fit;

import io.github.sparkbilevel.problem.sampling.RowDraw;
import java.io.Serializable;

/**
 * A cut of rows into folds by their ids.
 *
 * @param count number of folds, 2 or more
 * @param seed what the cut depends on beside the ids
 * @param purpose tells cuts with the same seed apart
 */
public record Folds(int count, long seed, long purpose) implements Serializable {

  /** Checks the number of folds. */
  public Folds {
    if (count < 2) {
      throw new IllegalArgumentException("got " + count + " folds, expected 2 or more");
    }
  }

  /** The fold of a row. */
  public int of(long id) {
    return RowDraw.fold(seed, purpose, id, count);
  }
}
