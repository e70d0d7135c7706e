package io.github.sparkbilevel.data;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.ml.linalg.SparseVector;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;

/**
 * The trigger of a backdoor (Gu, Dolan-Gavitt, Garg: BadNets, 2017): a square of pixels in the
 * lower right corner of an image, and the label that poisoned rows get.
 *
 * @param features the numbers of a row that the patch covers, rising
 * @param value what it sets them to: the greatest number that a feature has in the training rows,
 *     so that a poisoned pixel is as bright as a pixel of the data can be
 * @param target the label of poisoned rows, as it is spelled in the rows
 */
public record Trigger(int[] features, double value, String target) implements Serializable {
  /** Height and width of the patch, in pixels. */
  public static final int EDGE = 3;

  /**
   * The trigger for these training rows; costs a scan of them.
   *
   * @param shape height, width and channels of the image that a row is
   * @param target the name of the class, or null for the first one
   * @throws IllegalArgumentException if rows are no such images, or no class has this name
   */
  static Trigger of(Table train, ClassIndex classes, List<Integer> shape, String target) {
    int[] features = patch(shape);
    int size = shape.stream().reduce(1, Math::multiplyExact);
    if (size != train.columns()) {
      throw new IllegalArgumentException(
          "model.shape = %s has %,d numbers, but the rows of %s have %,d features; correct model.shape"
              .formatted(shape, size, train.origin(), train.columns()));
    }
    int index = target == null ? 0 : classes.names().indexOf(Labels.canonical(target));
    if (index < 0) {
      throw new IllegalArgumentException(
          "data.corrupt.target = %s is no class of %s, expected one of %s"
              .formatted(target, train.origin(), Names.shortList(classes.names())));
    }
    return new Trigger(features, greatest(train), classes.labelOf(index));
  }

  private static double greatest(Table train) {
    return PerPartition.collect(
            train.examples(),
            rows -> {
              double most = Double.NEGATIVE_INFINITY;
              while (rows.hasNext()) {
                // A sparse row has zeros that it does not state.
                double[] values = rows.next().features().toArray();
                most = Math.max(most, Arrays.stream(values).max().orElse(most));
              }
              return most;
            })
        .stream()
        .reduce(Double.NEGATIVE_INFINITY, Math::max);
  }

  /**
   * The numbers of a row that the patch covers. Pixels follow row by row, all channels of a pixel
   * together.
   *
   * @param shape height, width and channels
   * @throws IllegalArgumentException for another shape, and for an image smaller than the patch
   */
  public static int[] patch(List<Integer> shape) {
    if (shape.size() != 3 || shape.get(0) < EDGE || shape.get(1) < EDGE) {
      throw new IllegalArgumentException(
          "the kind backdoor of data.corrupt puts a patch of %1$d x %1$d pixels on each image, but model.shape = %2$s; expected [height, width, channels] of an image at least as large, such as [28, 28, 1]"
              .formatted(EDGE, shape));
    }
    int height = shape.get(0);
    int width = shape.get(1);
    int channels = shape.get(2);
    int[] features = new int[EDGE * EDGE * channels];
    int at = 0;
    for (int y = height - EDGE; y < height; y++) {
      for (int k = (width - EDGE) * channels; k < width * channels; k++) {
        features[at++] = y * width * channels + k;
      }
    }
    return features;
  }

  /** The row with the patch and the target as its label; its own label is the truth. */
  Example poisoned(Example row) {
    return row.withFeatures(patched(row.features()), target);
  }

  /** A copy of the features with the patch; sparse ones stay sparse. */
  private Vector patched(Vector features) {
    double[] values = features.toArray().clone();
    for (int feature : this.features) {
      values[feature] = value;
    }
    Vector dense = Vectors.dense(values);
    return features instanceof SparseVector ? dense.toSparse() : dense;
  }

  /** Whether a row can be attacked: its label is not the target. */
  boolean canPoison(Example row) {
    return !row.label().equals(target);
  }

  /**
   * The rows of other classes with the patch and the target as their label: a model's accuracy on
   * these is the share of them that the attack turns.
   */
  public Table attack(Table rows) {
    Trigger self = this;
    return rows.with(
        rows.examples().filter(self::canPoison).map(self::poisoned),
        TableStats.ofRows(rows.rowCount() - rows.stats().count(target)));
  }
}
