package io.github.sparkbilevel.problem.oracle;

import io.github.sparkbilevel.problem.UpperRows;
import io.github.sparkbilevel.problem.snapshot.Snapshot;

/** The saved form of {@link UpperRows}. */
final class SavedUpperRows {
  private static final String FOLD = "fold";

  private SavedUpperRows() {}

  /** Writes down which rows they are. */
  static void save(UpperRows rows, Snapshot snapshot) {
    if (!rows.isAll()) {
      snapshot.put(FOLD, rows.fold());
    }
  }

  /** What {@link #save} wrote. */
  static UpperRows restored(Snapshot snapshot) {
    return snapshot.has(FOLD) ? new UpperRows(snapshot.integer(FOLD)) : UpperRows.ALL;
  }
}
