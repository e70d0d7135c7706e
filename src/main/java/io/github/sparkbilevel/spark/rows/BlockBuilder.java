package io.github.sparkbilevel.spark.rows;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.BlockLayout;
import io.github.sparkbilevel.block.CsrFeatures;
import io.github.sparkbilevel.block.DataException;
import io.github.sparkbilevel.block.DenseFeatures;
import io.github.sparkbilevel.block.Features;
import io.github.sparkbilevel.block.PanelFeatures;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Packs rows of one part, in rising order of their ids, into blocks within the memory budget. */
final class BlockBuilder {
  private static final int MOST_ROWS = 1 << 16;

  private final BlockShape shape;
  private final List<Block> blocks = new ArrayList<>();
  private final List<DataRow> pending = new ArrayList<>();
  private long pendingBytes;

  BlockBuilder(BlockShape shape) {
    this.shape = shape;
  }

  void add(DataRow row) {
    if (!pending.isEmpty() && pending.get(pending.size() - 1).id() >= row.id()) {
      throw new DataException(
          "two rows have the id "
              + row.id()
              + "; expected ids to be unique; name another id column");
    }
    long bytes = bytesOf(row);
    if (!pending.isEmpty() && (pendingBytes + bytes > mostBytes() || pending.size() >= MOST_ROWS)) {
      flush();
    }
    pending.add(row);
    pendingBytes += bytes;
  }

  /** Whatever was asked for, an array holds at most 2³¹ − 1 numbers. */
  private long mostBytes() {
    return Math.min(shape.blockBytes(), 4L * (Integer.MAX_VALUE - 8));
  }

  private long bytesOf(DataRow row) {
    if (shape.layout() == BlockLayout.SPARSE_ROWS) {
      return 12L * row.values().length;
    }
    return (long) shape.layout().bytes() * shape.columns();
  }

  Block[] finish() {
    flush();
    return blocks.toArray(Block[]::new);
  }

  private void flush() {
    if (pending.isEmpty()) {
      return;
    }
    int n = pending.size();
    long[] ids = new long[n];
    double[] labels = new double[n];
    double[] weights = new double[n];
    int[] groups = new int[n];
    double[] truth = new double[n];
    for (int i = 0; i < n; i++) {
      DataRow row = pending.get(i);
      ids[i] = row.id();
      labels[i] = row.label();
      weights[i] = row.weight();
      groups[i] = row.group();
      truth[i] = row.truth();
    }
    blocks.add(
        new Block(ids, features(n), labels)
            .withWeights(Arrays.stream(weights).allMatch(w -> w == 1) ? null : weights)
            .withGroups(Arrays.stream(groups).allMatch(g -> g == 0) ? null : groups)
            .withTruth(Arrays.stream(truth).allMatch(Double::isNaN) ? null : truth));
    pending.clear();
    pendingBytes = 0;
  }

  private Features features(int n) {
    int p = shape.columns();
    return switch (shape.layout()) {
      case SPARSE_ROWS -> sparse(n, p);
      case SINGLE_PANELS -> PanelFeatures.of(n, p, i -> pending.get(i).values());
      case SINGLE_ROWS -> singles(n, p);
      case DOUBLE_ROWS -> doubles(n, p);
    };
  }

  private DenseFeatures singles(int n, int p) {
    float[] values = new float[n * p];
    for (int i = 0; i < n; i++) {
      double[] row = pending.get(i).values();
      for (int j = 0; j < p; j++) {
        values[i * p + j] = (float) row[j];
      }
    }
    return DenseFeatures.ofFloats(n, p, values);
  }

  private DenseFeatures doubles(int n, int p) {
    double[] values = new double[n * p];
    for (int i = 0; i < n; i++) {
      System.arraycopy(pending.get(i).values(), 0, values, i * p, p);
    }
    return DenseFeatures.ofDoubles(n, p, values);
  }

  private CsrFeatures sparse(int n, int p) {
    int[] rowStart = new int[n + 1];
    for (int i = 0; i < n; i++) {
      rowStart[i + 1] = Math.addExact(rowStart[i], pending.get(i).values().length);
    }
    int[] indices = new int[rowStart[n]];
    double[] values = new double[rowStart[n]];
    for (int i = 0; i < n; i++) {
      DataRow row = pending.get(i);
      System.arraycopy(row.indices(), 0, indices, rowStart[i], row.indices().length);
      System.arraycopy(row.values(), 0, values, rowStart[i], row.values().length);
    }
    return new CsrFeatures(p, rowStart, indices, values, shape.shift());
  }
}
