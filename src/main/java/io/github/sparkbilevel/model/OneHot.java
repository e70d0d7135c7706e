package io.github.sparkbilevel.model;

import io.github.sparkbilevel.backend.Tile;
import io.github.sparkbilevel.backend.Tile.Numbers;

/**
 * Rows of a matrix X of which one number is 1 and the others are 0, or all are 0 at padding. The
 * rows are the steps of the rows of a tile: number {@code t · rows + i} is step t of row i.
 *
 * @param hot the column of the 1 in each row; not looked at where there is padding
 * @param inputs columns of X
 * @param mask which steps are padding
 */
record OneHot(int[] hot, int inputs, StepMask mask) {

  private int count() {
    return mask.shares()[0].length;
  }

  private boolean isPadding(int position) {
    return mask.isPadding(position / count(), position % count());
  }

  private int positions() {
    return mask.shares().length * count();
  }

  /** y += X W. */
  <A> void addProduct(Tile<A> tile, Numbers<A> theta, ParameterBlock block, A y) {
    int n = positions();
    for (int o = 0; o < block.outputs(); o++) {
      int column = theta.at() + block.at() + o * inputs;
      for (int i = 0; i < n; i++) {
        if (!isPadding(i)) {
          int slot = o * n + i;
          tile.set(y, slot, tile.get(y, slot) + tile.get(theta.values(), column + hot[i]));
        }
      }
    }
  }

  /** sums += Xᵀ D. */
  <A> void addTransposed(Tile<A> tile, A d, ParameterBlock block, double[] sums, int at) {
    int n = positions();
    for (int o = 0; o < block.outputs(); o++) {
      for (int i = 0; i < n; i++) {
        if (!isPadding(i)) {
          sums[at + block.at() + o * inputs + hot[i]] += tile.get(d, o * n + i);
        }
      }
    }
  }

  /** The block of {@code out} = Xᵀ D. */
  <A> void transpose(Tile<A> tile, A d, ParameterBlock block, A out) {
    ParameterBlock first = ParameterBlock.oneHot(0, inputs, block.outputs());
    double[] sums = new double[first.size()];
    addTransposed(tile, d, first, sums, 0);
    for (int j = 0; j < sums.length; j++) {
      tile.set(out, block.at() + j, sums[j]);
    }
  }

  /**
   * Adds the diagonal of Σ_i s_i (1/n_i) Σ_t x_it x_itᵀ, over the n_i steps of row i that are no
   * padding; beside it are zeros.
   */
  void addFrequencies(double[] weights, double[] sums, int at) {
    for (int i = 0; i < positions(); i++) {
      if (!isPadding(i)) {
        double share = mask.shares()[i / count()][i % count()];
        sums[at + hot[i]] += weights[i % count()] * share;
      }
    }
  }

  /**
   * Adds Σ_i (Σ_t x_it d_itᵀ)², over the steps t of each row.
   *
   * @param d a column of numbers for each output
   */
  void addSquares(double[] d, ParameterBlock block, double[] sums, int at) {
    for (int i = 0; i < positions(); i++) {
      if (!isPadding(i) && isFirst(i)) {
        for (int o = 0; o < block.outputs(); o++) {
          double sum = sumOfEqual(i, d, o * positions());
          sums[at + block.at() + o * inputs + hot[i]] += sum * sum;
        }
      }
    }
  }

  /** Whether no earlier step of the same row has the same 1. */
  private boolean isFirst(int position) {
    for (int i = position - count(); i >= 0; i -= count()) {
      if (!isPadding(i) && hot[i] == hot[position]) {
        return false;
      }
    }
    return true;
  }

  private double sumOfEqual(int position, double[] d, int column) {
    double sum = 0;
    for (int i = position; i < positions(); i += count()) {
      sum += !isPadding(i) && hot[i] == hot[position] ? d[column + i] : 0;
    }
    return sum;
  }
}
