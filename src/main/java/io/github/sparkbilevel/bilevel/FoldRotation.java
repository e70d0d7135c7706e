package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.problem.UpperRows;
import java.util.OptionalInt;

/**
 * Which fold of the trusted rows makes F in an iteration, and when the row features change to the
 * model fitted without it.
 *
 * @param rotation the settings; null if all trusted rows make F throughout
 */
record FoldRotation(NboSettings.Rotation rotation) {
  /** The trusted model that serves as a feature from iteration k on, if it changes there. */
  OptionalInt refreshAt(int k) {
    return rotation != null && k % rotation.refresh() == 0
        ? OptionalInt.of(fold(k))
        : OptionalInt.empty();
  }

  /** The trusted rows that make F after iteration k. */
  UpperRows foldAt(int k) {
    return rotation == null ? UpperRows.ALL : new UpperRows(fold(k));
  }

  private int fold(int k) {
    return k / rotation.refresh() % rotation.folds();
  }
}
