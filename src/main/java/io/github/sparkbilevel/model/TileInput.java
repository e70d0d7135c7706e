package io.github.sparkbilevel.model;

import io.github.sparkbilevel.backend.MatrixProducts;
import io.github.sparkbilevel.backend.MatrixProducts.Operand;

/**
 * The matrix X that a layer takes in, with a row for each row of the tile: what another layer gave,
 * or the rows of a block, dense or sparse. Ā is X with a constant column behind it.
 *
 * @param <A> what holds numbers
 */
public sealed interface TileInput<A> permits BlockRows, UnitRows {

  /** What a layer gave. */
  static <A> TileInput<A> of(Tile<A> tile, A values, int width) {
    return new UnitRows<>(tile, values, width, true);
  }

  /** The derivative of what a layer gave; that of the constant is 0. */
  static <A> TileInput<A> derivative(Tile<A> tile, A values, int width) {
    return new UnitRows<>(tile, values, width, false);
  }

  /** The constant alone. */
  static <A> TileInput<A> ones(Tile<A> tile) {
    return new UnitRows<>(tile, tile.room(0), 0, true);
  }

  /** Columns of X. */
  int width();

  /** Whether the constant column is 1, or else 0. */
  boolean hasConstant();

  /** X, not to be changed; of the rows of a block a copy, made when it is first asked for. */
  A values();

  /** Z = X C. */
  void multiply(Operand<A> c, int k, A z);

  /** Z = X C in float64. */
  void multiply(double[] c, int ld, int k, double[] z, MatrixProducts<double[]> matrices);

  /** sums += Xᵀ D. */
  void addTransposed(A d, int k, double[] sums, int at, int ld);

  /** out = Xᵀ D. */
  void transpose(A d, int k, Operand<A> out);

  /** sums += Āᵀ diag(w) Ā, where the block has a bias, or else Xᵀ diag(w) X. */
  void addGram(ParameterBlock block, double[] w, double[] sums, int at);
}
