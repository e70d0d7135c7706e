package io.github.sparkbilevel.bilevel;

/**
 * Which fold of the trusted rows makes F in an iteration, and when the row features change to the
 * model fitted without it.
 *
 * @param rotation the settings; null if all trusted rows make F throughout
 */
record FoldRotation(NboSettings.Rotation rotation) {
  /** No fold, in the words of the oracle. */
  private static final int NONE = -1;

  /** The trusted model that serves as a feature from iteration k on, if it changes there. */
  int refreshAt(int k) {
    return rotation != null && k % rotation.refresh() == 0 ? foldAt(k) : NONE;
  }

  /** The fold that makes F after iteration k. */
  int foldAt(int k) {
    return rotation == null ? NONE : k / rotation.refresh() % rotation.folds();
  }
}
