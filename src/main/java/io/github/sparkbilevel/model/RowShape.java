package io.github.sparkbilevel.model;

import java.io.Serializable;
import java.util.List;

/**
 * How the numbers of a row are arranged: a vector has one extent.
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

  /** Numbers of a row. */
  public int size() {
    return extents.stream().reduce(1, Math::multiplyExact);
  }
}
