package io.github.sparkbilevel.model;

import io.github.sparkbilevel.backend.Runs;
import java.io.Serializable;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * A square that moves over an image.
 *
 * @param side pixels of a side, 1 or more
 * @param stride pixels from one place to the next, 1 or more
 * @param padding pixels of value 0 around the image, from 0 to less than {@code side}
 */
public record Window(int side, int stride, int padding) implements Serializable {

  /** Checks the numbers. */
  public Window {
    if (side < 1 || stride < 1 || padding < 0 || padding >= side) {
      throw new IllegalArgumentException(
          ("got a window of side %d, stride %d and padding %d; expected a side and a stride of 1 or"
                  + " more, and a padding from 0 to less than the side")
              .formatted(side, stride, padding));
    }
  }

  /** Places along a side of the image. */
  private int places(int extent) {
    int room = extent + 2 * padding - side;
    if (room < 0) {
      throw new IllegalArgumentException(
          "got a window of side %d for an image of side %d with a padding of %d; use a smaller one"
              .formatted(side, extent, padding));
    }
    return room / stride + 1;
  }

  /** The attributes of ONNX's operators that have a window. */
  Map<String, Object> attributes() {
    return Map.of(
        "kernel_shape", List.of(side, side),
        "strides", List.of(stride, stride),
        "pads", Collections.nCopies(4, padding));
  }

  /** Pixels of the window. */
  public int pixels() {
    return side * side;
  }

  /**
   * The image with a pixel for each place.
   *
   * @throws IllegalArgumentException where the window is greater than the image with its padding
   */
  public RowShape places(RowShape image, int channels) {
    image.requireImage();
    return RowShape.image(places(image.extents().get(0)), places(image.extents().get(1)), channels);
  }

  /**
   * For each place of each channel the pixels of the window there.
   *
   * @return columns of the image, at {@code (channel · places + place) · pixels() + pixel}; {@link
   *     Runs#NONE} outside of it
   */
  public int[] columns(RowShape image) {
    int channels = image.channels();
    int height = image.extents().get(0);
    int width = image.extents().get(1);
    int across = places(width);
    int places = places(height) * across;
    int[] columns = new int[channels * places * pixels()];
    for (int at = 0; at < columns.length; at++) {
      int pixel = at % pixels();
      int place = at / pixels() % places;
      int channel = at / pixels() / places;
      int y = place / across * stride - padding + pixel / side;
      int x = place % across * stride - padding + pixel % side;
      boolean inside = y >= 0 && y < height && x >= 0 && x < width;
      columns[at] = inside ? (channel * height + y) * width + x : Runs.NONE;
    }
    return columns;
  }
}
