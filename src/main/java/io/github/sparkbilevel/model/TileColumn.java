package io.github.sparkbilevel.model;

/**
 * A number for each row of a tile: that of row i lies at {@code at + i}.
 *
 * @param values the array, not copied
 * @param at where the first number lies
 */
public record TileColumn(double[] values, int at) {

  /** From the beginning of an array. */
  public static TileColumn of(double... values) {
    return new TileColumn(values, 0);
  }

  /** The number of a row. */
  public double value(int i) {
    return values[at + i];
  }
}
