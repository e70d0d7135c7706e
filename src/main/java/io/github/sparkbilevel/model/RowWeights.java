package io.github.sparkbilevel.model;

import java.util.Arrays;

/** The weights of rows in the lower objective, asked for while the rows' outputs are at hand. */
@FunctionalInterface
public interface RowWeights {

  /**
   * Writes the weights ≥ 0 with which rows enter loss, gradient and products.
   *
   * @param s the weight of each row of the tile, from 0 on
   */
  void weigh(RowTile tile, double[] s);

  /** The same weight for every row. */
  static RowWeights constant(double weight) {
    return (tile, s) -> Arrays.fill(s, 0, tile.rows(), weight);
  }

  /**
   * Weights that are known.
   *
   * @param weights sets × n
   * @param n rows of the block
   */
  static RowWeights of(double[] weights, int n) {
    return (tile, s) -> System.arraycopy(weights, tile.set() * n + tile.from(), s, 0, tile.rows());
  }
}
