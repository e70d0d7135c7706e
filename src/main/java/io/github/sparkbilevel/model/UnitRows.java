package io.github.sparkbilevel.model;

import io.github.sparkbilevel.backend.MatrixProducts;
import io.github.sparkbilevel.backend.MatrixProducts.Operand;

/** The units of a layer for the rows of a tile. */
record UnitRows<A>(Tile<A> tile, A values, int width, boolean hasConstant) implements TileInput<A> {

  @Override
  public void multiply(Operand<A> c, int k, A z) {
    int n = tile.count();
    tile.ops().product(n, k, width, Operand.of(values, 0, n), c, Operand.of(z, 0, n), false);
  }

  @Override
  public void multiply(double[] c, int ld, int k, double[] z, MatrixProducts<double[]> matrices) {
    int n = tile.count();
    if (width > 0) {
      double[] x = tile.ops().widen(values, n * width);
      Operand<double[]> wide = Operand.of(x, 0, n);
      matrices.product(n, k, width, wide, Operand.of(c, 0, ld), Operand.of(z, 0, n), false);
    }
  }

  @Override
  public void addTransposed(A d, int k, double[] sums, int at, int ld) {
    if (width > 0) {
      tile.ops().addTransposed(values, d, width, k, tile.count(), sums, at, ld);
    }
  }

  @Override
  public void transpose(A d, int k, Operand<A> out) {
    int n = tile.count();
    Operand<A> turned = Operand.of(values, 0, n).transpose();
    if (width > 0) {
      tile.ops().product(width, k, n, turned, Operand.of(d, 0, n), out, false);
    }
  }

  @Override
  public void addGram(ParameterBlock block, double[] w, double[] sums, int at) {
    int n = tile.count();
    int q = block.height();
    A scaled = tile.ops().allocate(n * width);
    for (int j = 0; j < width; j++) {
      double border = tile.ops().scale(values, j * n, n, w, scaled);
      if (block.bias()) {
        sums[at + j + width * q] += border;
        sums[at + width + j * q] += border;
      }
    }
    if (block.bias()) {
      for (int i = 0; i < n; i++) {
        sums[at + width + width * q] += w[i];
      }
    }
    if (width > 0) {
      tile.ops().addSquare(values, scaled, width, n, sums, at, q);
    }
  }
}
