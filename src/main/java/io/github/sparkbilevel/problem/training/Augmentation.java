package io.github.sparkbilevel.problem.training;

import io.github.sparkbilevel.backend.Precision;
import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.DenseFeatures;
import io.github.sparkbilevel.model.RowShape;
import io.github.sparkbilevel.problem.sampling.RowDraw;
import java.io.Serializable;

/**
 * Moves pictures before a step of stochastic training, so that a network sees each of them in many
 * places: by up to so many pixels up or down and to either side, and mirrored in one of two cases.
 *
 * <p>Features are standardised one by one, so a value changes its unit with its place: x′_q = s_q
 * (x_p / s_p + m_p − m_q), limited as all features are. What comes in from outside is the number 0
 * as features were read. Draws depend on (seed, pass, row id).
 *
 * @param picture height, width and channels of a row
 * @param moves what may happen to a picture
 * @param units of the features
 */
public record Augmentation(RowShape picture, Moves moves, Units units) implements Serializable {
  /** Pictures stay as they are. */
  public static final Augmentation NONE =
      new Augmentation(RowShape.vector(0), Moves.NONE, new Units(new double[0], new double[0], 0));

  private static final long MOVES = 13;
  private static final long DOWN = 1;
  private static final long RIGHT = 2;
  private static final long MIRROR = 3;

  /**
   * What may happen to a picture.
   *
   * @param shift the most pixels either way, 0 or more
   * @param flip whether left and right may change places
   */
  public record Moves(int shift, boolean flip) implements Serializable {
    static final Moves NONE = new Moves(0, false);

    /** Whether a picture stays as it is. */
    public boolean isNone() {
      return equals(NONE);
    }
  }

  /**
   * How features were made of numbers as they were read.
   *
   * @param mean of each feature
   * @param scale 1 / deviation of each feature; 0 for a constant one, whose values are 0
   * @param limit of what comes of it
   */
  public record Units(double[] mean, double[] scale, double limit) implements Serializable {}

  /** Checks the shape. */
  public Augmentation {
    if (!moves.isNone()) {
      picture.requireImage();
    }
  }

  /**
   * The same rows, moved.
   *
   * @param batch not changed
   * @param key seed and pass of the draws
   */
  Block of(Block batch, long key) {
    if (moves.isNone()) {
      return batch;
    }
    int p = picture.size();
    double[] from = new double[p];
    double[] moved = new double[batch.rows() * p];
    for (int i = 0; i < batch.rows(); i++) {
      batch.features().copyRow(i, from);
      move(from, moved, i * p, RowDraw.bits(key, MOVES, batch.ids()[i]));
    }
    if (!(batch.features() instanceof DenseFeatures rows && rows.isSingle())) {
      return batch.withFeatures(DenseFeatures.ofDoubles(batch.rows(), p, moved));
    }
    float[] singles = new float[moved.length];
    Precision.narrow(moved, 0, singles, 0, moved.length);
    return batch.withFeatures(DenseFeatures.ofFloats(batch.rows(), p, singles));
  }

  private void move(double[] from, double[] to, int at, long key) {
    int down = RowDraw.fold(key, DOWN, 0, 2 * moves.shift + 1) - moves.shift;
    int right = RowDraw.fold(key, RIGHT, 0, 2 * moves.shift + 1) - moves.shift;
    boolean mirrored = moves.flip && RowDraw.fold(key, MIRROR, 0, 2) == 1;
    int height = picture.extents().get(0);
    int width = picture.extents().get(1);
    int channels = picture.channels();
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int line = y - down;
        int column = (mirrored ? width - 1 - x : x) - right;
        boolean inside = line >= 0 && line < height && column >= 0 && column < width;
        for (int c = 0; c < channels; c++) {
          int q = (y * width + x) * channels + c;
          double read = inside ? read(from, (line * width + column) * channels + c) : 0;
          double value = units.scale[q] * (read - units.mean[q]);
          to[at + q] = Math.max(-units.limit, Math.min(units.limit, value));
        }
      }
    }
  }

  /** A value as it was read. */
  private double read(double[] values, int p) {
    double inverse = units.scale[p] == 0 ? 0 : values[p] / units.scale[p];
    return inverse + units.mean[p];
  }
}
