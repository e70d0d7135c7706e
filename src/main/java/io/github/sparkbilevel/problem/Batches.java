package io.github.sparkbilevel.problem;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.CsrFeatures;
import io.github.sparkbilevel.block.DenseFeatures;
import io.github.sparkbilevel.block.Features;
import io.github.sparkbilevel.block.PanelFeatures;

/** Small blocks of rows picked from others. */
public final class Batches {
  private Batches() {}

  /**
   * Copies rows into a block of their own.
   *
   * @param order block and row of each in a number, the block in the upper 32 bits
   */
  public static Block gather(Block[] blocks, long[] order, int from, int to) {
    int n = to - from;
    long[] ids = new long[n];
    double[] labels = new double[n];
    for (int i = 0; i < n; i++) {
      Block block = blocks[blockOf(order[from + i])];
      ids[i] = block.ids()[rowOf(order[from + i])];
      labels[i] = block.labels()[rowOf(order[from + i])];
    }
    return new Block(ids, features(blocks, order, from, to), labels);
  }

  /** A row of a block, as a number. */
  public static long entry(int block, int row) {
    return ((long) block << 32) | row;
  }

  public static int blockOf(long entry) {
    return (int) (entry >>> 32);
  }

  public static int rowOf(long entry) {
    return (int) entry;
  }

  private static Features features(Block[] blocks, long[] order, int from, int to) {
    Features first = blocks[blockOf(order[from])].features();
    if (first instanceof CsrFeatures sparse) {
      return sparse(blocks, order, from, to, sparse);
    }
    int p = first.columns();
    int n = to - from;
    if (first instanceof PanelFeatures) {
      return fromPanels(blocks, order, from, to);
    }
    DenseFeatures dense = (DenseFeatures) first;
    if (dense.isSingle()) {
      float[] values = new float[n * p];
      for (int i = 0; i < n; i++) {
        DenseFeatures rows = (DenseFeatures) blocks[blockOf(order[from + i])].features();
        System.arraycopy(rows.singles(), rowOf(order[from + i]) * p, values, i * p, p);
      }
      return DenseFeatures.ofFloats(n, p, values);
    }
    double[] values = new double[n * p];
    for (int i = 0; i < n; i++) {
      DenseFeatures rows = (DenseFeatures) blocks[blockOf(order[from + i])].features();
      System.arraycopy(rows.doubles(), rowOf(order[from + i]) * p, values, i * p, p);
    }
    return DenseFeatures.ofDoubles(n, p, values);
  }

  private static DenseFeatures fromPanels(Block[] blocks, long[] order, int from, int to) {
    int n = to - from;
    int p = blocks[blockOf(order[from])].features().columns();
    float[] values = new float[n * p];
    double[] row = new double[p];
    for (int i = 0; i < n; i++) {
      blocks[blockOf(order[from + i])].features().copyRow(rowOf(order[from + i]), row);
      for (int j = 0; j < p; j++) {
        values[i * p + j] = (float) row[j];
      }
    }
    return DenseFeatures.ofFloats(n, p, values);
  }

  private static CsrFeatures sparse(
      Block[] blocks, long[] order, int from, int to, CsrFeatures like) {
    int n = to - from;
    int[] rowStart = new int[n + 1];
    for (int i = 0; i < n; i++) {
      CsrFeatures rows = (CsrFeatures) blocks[blockOf(order[from + i])].features();
      int row = rowOf(order[from + i]);
      rowStart[i + 1] = rowStart[i] + rows.rowStart()[row + 1] - rows.rowStart()[row];
    }
    int[] indices = new int[rowStart[n]];
    double[] values = new double[rowStart[n]];
    for (int i = 0; i < n; i++) {
      CsrFeatures rows = (CsrFeatures) blocks[blockOf(order[from + i])].features();
      int start = rows.rowStart()[rowOf(order[from + i])];
      int length = rowStart[i + 1] - rowStart[i];
      System.arraycopy(rows.indices(), start, indices, rowStart[i], length);
      System.arraycopy(rows.values(), start, values, rowStart[i], length);
    }
    return new CsrFeatures(like.columns(), rowStart, indices, values, like.shift());
  }
}
