package io.github.sparkbilevel.ml.prepare;

import io.github.sparkbilevel.backend.DenseBackends;
import io.github.sparkbilevel.block.BlockLayout;
import io.github.sparkbilevel.problem.sampling.Folds;
import io.github.sparkbilevel.spark.Placement;

/**
 * How checked rows become blocks.
 *
 * @param standardize whether features are given mean 0 and variance 1 by the training rows
 * @param clip the limit of standardised values, or null for none
 * @param layout how dense rows lie in memory
 * @param blockBytes the most bytes of features in a block
 * @param partitions number of partitions, 0 to choose it by the data
 * @param cut how rows are cut
 * @param centering what standardisation does with means
 * @param seed of the cut
 */
public record Preparation(
    boolean standardize,
    Double clip,
    BlockLayout layout,
    long blockBytes,
    int partitions,
    Cut cut,
    Centering centering,
    long seed) {

  /**
   * How dense rows lie best: those of one-layer models in panels, unless it is a backend of the
   * user's choice, or one for accelerators, that multiplies them.
   *
   * @param precision {@code single} or {@code double}
   */
  public static BlockLayout layout(
      String precision, LowerLevel.Family family, Placement placement) {
    if (!precision.equals("single")) {
      return BlockLayout.DOUBLE_ROWS;
    }
    boolean own = placement.products().equals(DenseBackends.AUTO);
    return own && family != LowerLevel.Family.NETWORK
        ? BlockLayout.SINGLE_PANELS
        : BlockLayout.SINGLE_ROWS;
  }

  /** What standardisation does with the means of features. */
  public enum Centering {
    /** Takes them away. */
    CENTERED,
    /** Leaves them, as Spark's own estimators do for a model without intercepts. */
    SCALED_ONLY
  }

  /**
   * The cut of the rows.
   *
   * @param heldOut the share of the trusted rows to hold out
   * @param trustedFolds folds of the others, 1 or more
   * @param folds of training and trusted rows, whose blocks are kept apart; or null
   */
  public record Cut(double heldOut, int trustedFolds, Folds folds) {
    /** All in one. */
    public static final Cut NONE = new Cut(0, 1);

    /** A cut of the trusted rows alone. */
    public Cut(double heldOut, int trustedFolds) {
      this(heldOut, trustedFolds, null);
    }
  }
}
