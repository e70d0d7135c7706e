package io.github.sparkbilevel.model;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * How the numbers of a row are arranged. A vector has one extent. An image has its height, its
 * width and its channels, a sequence its steps and the width of a step: the last extent counts the
 * channels, and those before it the positions.
 *
 * <p>Between layers the numbers of a row lie channel by channel: number {@code c · positions() + t}
 * is channel c at position t.
 *
 * @param extents each 0 or more
 */
public record RowShape(List<Integer> extents) implements Serializable {

  /** Copies the extents. */
  public RowShape {
    extents = List.copyOf(extents);
  }

  /** A vector. */
  public static RowShape vector(int size) {
    return new RowShape(List.of(size));
  }

  /** An image. */
  public static RowShape image(int height, int width, int channels) {
    return new RowShape(List.of(height, width, channels));
  }

  /** Numbers of a row. */
  public int size() {
    return extents.stream().reduce(1, Math::multiplyExact);
  }

  /** Channels, or the numbers of a vector. */
  public int channels() {
    return extents.get(extents.size() - 1);
  }

  /** Positions that have channels each; 1 for a vector. */
  public int positions() {
    return extents.subList(0, extents.size() - 1).stream().reduce(1, Math::multiplyExact);
  }

  /** The same positions with other channels. */
  public RowShape withChannels(int channels) {
    List<Integer> other = new ArrayList<>(extents);
    other.set(extents.size() - 1, channels);
    return new RowShape(other);
  }

  /** Whether a layer that takes in this shape may stand behind one that gives another. */
  public boolean takes(RowShape given) {
    return equals(given) || extents.size() == 1 && size() == given.size();
  }

  /**
   * Itself, where it is an image.
   *
   * @throws IllegalArgumentException for another shape
   */
  public RowShape requireImage() {
    if (extents.size() != 3) {
      throw new IllegalArgumentException(
          ("got rows of the shape %s, expected height, width and channels; put a layer such as"
                  + " {shape = [28, 28, 1]} first, or set model.shape")
              .formatted(extents));
    }
    return this;
  }
}
