package io.github.sparkbilevel.model;

import io.github.sparkbilevel.backend.DenseBackends;
import io.github.sparkbilevel.backend.RowProducts;
import io.github.sparkbilevel.block.Block;

/** Walks over a block, a tile of rows at a time. */
final class Tiles {
  private Tiles() {}

  /** What is done with a tile of rows. */
  @FunctionalInterface
  interface Work {
    /**
     * Works on a tile.
     *
     * @param rows with the tile loaded
     * @param from the tile's first row in the block
     */
    void accept(RowProducts rows, int from);
  }

  /** The weights of the rows of a tile. */
  @FunctionalInterface
  interface Weights {
    /**
     * Writes the weights of {@code rows} rows.
     *
     * @param from the tile's first row in the block
     */
    void of(int from, int rows, double[] w);
  }

  /** Rows of a tile for products with so many columns. */
  static int rows(Block block, int columns, String backend) {
    return Math.min(block.rows(), DenseBackends.tileRows(block.features(), columns, backend));
  }

  static void forEach(Block block, int columns, int tile, String backend, Work work) {
    int n = block.rows();
    if (n == 0) {
      return;
    }
    try (RowProducts rows = DenseBackends.open(block.features(), columns, tile, backend)) {
      for (int from = 0; from < n; from += tile) {
        rows.load(from, Math.min(tile, n - from));
        work.accept(rows, from);
      }
    }
  }

  /** Adds Σ w ā āᵀ: the features' Gram matrix, bordered by the constant where there is one. */
  static void addGram(
      Block block,
      boolean bias,
      String backend,
      Weights weights,
      double[] sums,
      int at,
      int leading) {
    int p = block.features().columns();
    forEach(
        block,
        p,
        rows(block, p, backend),
        backend,
        (rows, from) -> {
          double[] w = new double[rows.count()];
          weights.of(from, w.length, w);
          addGram(rows, p, bias, w, sums, at, leading);
        });
  }

  /** Adds Σ w ā āᵀ for the rows of a tile. */
  static void addGram(
      RowProducts rows, int p, boolean bias, double[] w, double[] sums, int at, int leading) {
    rows.addGram(w, sums, at, leading);
    if (!bias) {
      return;
    }
    double[] border = new double[p];
    rows.addTransposed(w, 1, border, 0, p);
    for (int j = 0; j < p; j++) {
      sums[at + j + p * leading] += border[j];
      sums[at + p + j * leading] += border[j];
    }
    double total = 0;
    for (double weight : w) {
      total += weight;
    }
    sums[at + p + p * leading] += total;
  }
}
