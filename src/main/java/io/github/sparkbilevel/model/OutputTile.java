package io.github.sparkbilevel.model;

/**
 * K numbers for each row of a tile, such as its outputs: that of output k and row i lies at {@code
 * at + k · stride + i}.
 *
 * @param values the array, not copied
 * @param at where the first number lies
 * @param stride from one output to the next, at least the number of rows
 * @param rows number of rows
 */
public record OutputTile(double[] values, int at, int stride, int rows) {

  /** The outputs of one row, side by side. */
  public static OutputTile ofRow(double[] values, int at) {
    return new OutputTile(values, at, 1, 1);
  }

  /** Where the numbers of an output begin. */
  public int column(int k) {
    return at + k * stride;
  }

  /** The number of output k in row i. */
  public double value(int k, int i) {
    return values[at + k * stride + i];
  }
}
