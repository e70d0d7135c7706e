package io.github.sparkbilevel.backend;

import java.util.stream.IntStream;

/**
 * A window of weights that moves over an image by one pixel at a time, as products with shifted
 * copies of the image that are never made.
 *
 * <p>An image has a column for each pixel of each channel, row by row, with its padding. The places
 * of the window are the rows of another image, and the pixels of such a row lie one after the other
 * in both. A tap is one pixel of the window in one channel: its column at the first place is {@code
 * starts[tap]}, and {@code line · pitch + place} columns further at another place.
 *
 * @param starts for each tap its column at the first place, channel by channel, row by row
 * @param lines rows of places
 * @param places places in a row
 * @param pitch columns from one row of the image to the next
 */
public record Shifts(int[] starts, int lines, int places, int pitch) {

  /**
   * The shifts of a square window.
   *
   * @param height of the image with its padding
   * @param width of the image with its padding
   * @param channels of the image
   * @param side of the window
   */
  public static Shifts of(int height, int width, int channels, int side) {
    int pixels = side * side;
    int[] starts =
        IntStream.range(0, channels * pixels)
            .map(tap -> (tap / pixels * height + tap % pixels / side) * width + tap % pixels % side)
            .toArray();
    return new Shifts(starts, height - side + 1, width - side + 1, width);
  }

  /** Number of taps. */
  public int taps() {
    return starts.length;
  }

  /** Number of places. */
  public int all() {
    return lines * places;
  }

  /** The shifted copies, a matrix with a column for each place of each tap. */
  public Runs copies() {
    return Runs.of(
        IntStream.range(0, taps() * all())
            .map(j -> starts[j / all()] + j % all() / places * pitch + j % places)
            .toArray());
  }
}
