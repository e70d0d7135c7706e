package io.github.sparkbilevel.problem;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.CsrFeatures;
import io.github.sparkbilevel.block.DenseFeatures;
import io.github.sparkbilevel.block.PartitionData;
import java.util.Arrays;

/**
 * Training rows drawn for the driver: label, weight and features of each, as {@link RowSample}
 * reads them.
 *
 * <p>A row is drawn or not by a hash of (seed, draw, id), whatever partition it lies in.
 *
 * @param draw number of the sample; another one has other rows
 * @param share of the rows, in (0, 1]
 */
record SampleRowsPass(long draw, double share) implements Pass<PartitionState, PartitionState> {
  private static final long SEED = 20261128L;

  @Override
  public String name() {
    return "sample rows";
  }

  @Override
  public String kernels() {
    return "rows, s";
  }

  @Override
  public long bytes() {
    return 16;
  }

  @Override
  public Combination combination() {
    return Combination.JOIN;
  }

  @Override
  public PassOutput<PartitionState> apply(PartitionData data, PartitionState input) {
    input.requireBelongsTo(data);
    Block[] blocks = data.train();
    int[][] drawn = new int[blocks.length][];
    int length = 0;
    for (int b = 0; b < blocks.length; b++) {
      drawn[b] = drawn(blocks[b]);
      length += drawn[b].length * RowSample.numbers(blocks[b].features().columns());
    }
    double[] rows = new double[length];
    int at = 0;
    for (int b = 0; b < blocks.length; b++) {
      for (int i : drawn[b]) {
        rows[at] = blocks[b].labels()[i];
        rows[at + 1] = input.weights()[b][i];
        at = copyFeatures(blocks[b], i, rows, at + 2);
      }
    }
    return new PassOutput<>(null, rows);
  }

  private int[] drawn(Block block) {
    long[] ids = block.ids();
    int[] rows = new int[ids.length];
    int count = 0;
    for (int i = 0; i < ids.length; i++) {
      if (RowDraw.uniform(SEED, draw, ids[i]) < share) {
        rows[count++] = i;
      }
    }
    return Arrays.copyOf(rows, count);
  }

  /** Copies a row's features, and returns where they end. */
  private static int copyFeatures(Block block, int row, double[] out, int at) {
    int p = block.features().columns();
    if (block.features() instanceof DenseFeatures dense) {
      for (int j = 0; j < p; j++) {
        out[at + j] =
            dense.isSingle() ? dense.singles()[row * p + j] : dense.doubles()[row * p + j];
      }
      return at + p;
    }
    CsrFeatures sparse = (CsrFeatures) block.features();
    for (int e = sparse.rowStart()[row]; e < sparse.rowStart()[row + 1]; e++) {
      out[at + sparse.indices()[e]] = sparse.values()[e];
    }
    for (int j = 0; sparse.shift() != null && j < p; j++) {
      out[at + j] -= sparse.shift()[j];
    }
    return at + p;
  }
}
