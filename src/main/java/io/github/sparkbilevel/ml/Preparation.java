package io.github.sparkbilevel.ml;

/**
 * How checked rows become blocks.
 *
 * @param standardize whether features are given mean 0 and variance 1 by the training rows
 * @param clip the limit of dense standardised values, or null for none
 * @param single whether dense blocks hold float32
 * @param blockBytes the most bytes of features in a block
 * @param partitions number of partitions, 0 to choose it by the data
 * @param cut how the trusted rows are cut
 * @param likeSpark what is done as Spark's own estimators do it
 * @param seed of the cut
 */
public record Preparation(
    boolean standardize,
    Double clip,
    boolean single,
    long blockBytes,
    int partitions,
    Cut cut,
    LikeSpark likeSpark,
    long seed) {

  /**
   * What Spark's own estimators do.
   *
   * @param meanWeightOne base weights are divided by their mean, so that only their ratios count
   * @param uncentered features are scaled but not shifted, for a model without intercepts
   */
  public record LikeSpark(boolean meanWeightOne, boolean uncentered) {
    /** Nothing of it. */
    public static final LikeSpark NO = new LikeSpark(false, false);
  }

  /**
   * The cut of the trusted rows.
   *
   * @param heldOut the share to hold out
   * @param folds folds of the others, 1 or more
   */
  public record Cut(double heldOut, int folds) {
    /** All in one. */
    public static final Cut NONE = new Cut(0, 1);
  }
}
