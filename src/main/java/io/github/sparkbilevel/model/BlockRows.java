package io.github.sparkbilevel.model;

import io.github.sparkbilevel.backend.MatrixProducts;
import io.github.sparkbilevel.backend.MatrixProducts.Operand;
import io.github.sparkbilevel.backend.RowProducts;
import io.github.sparkbilevel.block.Features;

/** Rows of a block, which products take as they are stored. */
final class BlockRows<A> implements TileInput<A> {
  private final Tile<A> tile;
  private final RowProducts rows;
  private final Features features;
  private final int from;
  private A values;

  /**
   * Takes the loaded rows.
   *
   * @param from their first in the block
   */
  BlockRows(Tile<A> tile, RowProducts rows, Features features, int from) {
    this.tile = tile;
    this.rows = rows;
    this.features = features;
    this.from = from;
  }

  @Override
  public int width() {
    return features.columns();
  }

  @Override
  public boolean hasConstant() {
    return true;
  }

  @Override
  public A values() {
    if (values == null) {
      int n = tile.count();
      double[] row = new double[width()];
      values = tile.ops().allocate(n * row.length);
      for (int i = 0; i < n; i++) {
        features.copyRow(from + i, row);
        for (int j = 0; j < row.length; j++) {
          tile.ops().set(values, j * n + i, row[j]);
        }
      }
    }
    return values;
  }

  @Override
  public void multiply(Operand<A> c, int k, A z) {
    tile.ops().multiply(rows, c, k, z);
  }

  @Override
  public void multiply(double[] c, int ld, int k, double[] z, MatrixProducts<double[]> matrices) {
    rows.multiply(c, 0, ld, k, z);
  }

  @Override
  public void addTransposed(A d, int k, double[] sums, int at, int ld) {
    tile.ops().addTransposed(rows, d, k, sums, at, ld);
  }

  @Override
  public void transpose(A d, int k, Operand<A> out) {
    tile.ops().transpose(rows, d, width(), k, out);
  }

  @Override
  public void addGram(ParameterBlock block, double[] w, double[] sums, int at) {
    Tiles.addGram(rows, width(), block.bias(), w, sums, at, block.height());
  }
}
