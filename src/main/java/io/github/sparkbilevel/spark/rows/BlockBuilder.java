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

  /** A row of a packet. */
  record Place(RowPacket packet, int row) {
    long id() {
      return packet.id(row);
    }
  }

  private final BlockShape shape;
  private final List<Block> blocks = new ArrayList<>();

  /** The rows of the block to come are those from here up to the one that is looked at. */
  private int from;

  private long pendingBytes;

  private BlockBuilder(BlockShape shape) {
    this.shape = shape;
  }

  /** The blocks of some rows. */
  static Block[] of(List<Place> rows, BlockShape shape) {
    BlockBuilder builder = new BlockBuilder(shape);
    for (int at = 0; at < rows.size(); at++) {
      builder.look(rows, at);
    }
    builder.flush(rows, rows.size());
    return builder.blocks.toArray(Block[]::new);
  }

  private void look(List<Place> rows, int at) {
    Place row = rows.get(at);
    if (at > 0 && rows.get(at - 1).id() >= row.id()) {
      throw new DataException(
          "two rows have the id "
              + row.id()
              + "; expected ids to be unique; name another id column");
    }
    long bytes = bytesOf(row);
    if (at > from && (pendingBytes + bytes > mostBytes() || at - from >= MOST_ROWS)) {
      flush(rows, at);
    }
    pendingBytes += bytes;
  }

  /** Whatever was asked for, an array holds at most 2³¹ − 1 numbers. */
  private long mostBytes() {
    return Math.min(shape.blockBytes(), 4L * (Integer.MAX_VALUE - 8));
  }

  private long bytesOf(Place row) {
    if (shape.layout() == BlockLayout.SPARSE_ROWS) {
      return 12L * row.packet().width(row.row());
    }
    return (long) shape.layout().bytes() * shape.columns();
  }

  private void flush(List<Place> rows, int to) {
    if (from == to) {
      return;
    }
    List<Place> pending = rows.subList(from, to);
    int n = pending.size();
    long[] ids = new long[n];
    double[] labels = new double[n];
    double[] weights = new double[n];
    int[] groups = new int[n];
    double[] truth = new double[n];
    int[][] votes = new int[n][];
    boolean voted = false;
    for (int i = 0; i < n; i++) {
      RowPacket packet = pending.get(i).packet();
      int row = pending.get(i).row();
      ids[i] = packet.id(row);
      labels[i] = packet.label(row);
      weights[i] = packet.weight(row);
      groups[i] = packet.group(row);
      truth[i] = packet.truth(row);
      voted |= packet.votes(row) != null;
      votes[i] = packet.votes(row) == null ? new int[0] : packet.votes(row);
    }
    blocks.add(
        new Block(ids, features(pending), labels)
            .withWeights(Arrays.stream(weights).allMatch(w -> w == 1) ? null : weights)
            .withGroups(Arrays.stream(groups).allMatch(g -> g == 0) ? null : groups)
            .withTruth(Arrays.stream(truth).allMatch(Double::isNaN) ? null : truth)
            .withVotes(voted ? votes : null)
            .withProbabilities(probabilities(pending)));
    from = to;
    pendingBytes = 0;
  }

  /** All rows of a part bring them, or none does. */
  private static float[] probabilities(List<Place> rows) {
    float[] first = rows.get(0).packet().probabilities(rows.get(0).row());
    if (first == null) {
      return null;
    }
    int k = first.length;
    float[] all = new float[rows.size() * k];
    for (int i = 0; i < rows.size(); i++) {
      System.arraycopy(rows.get(i).packet().probabilities(rows.get(i).row()), 0, all, i * k, k);
    }
    return all;
  }

  private Features features(List<Place> rows) {
    int n = rows.size();
    int p = shape.columns();
    return switch (shape.layout()) {
      case SPARSE_ROWS -> sparse(rows);
      case SINGLE_PANELS -> {
        double[][] scratch = new double[PanelFeatures.LANES][p];
        yield PanelFeatures.of(
            n,
            p,
            i -> {
              double[] values = scratch[i % PanelFeatures.LANES];
              rows.get(i).packet().values(rows.get(i).row(), values, 0);
              return values;
            });
      }
      case SINGLE_ROWS -> {
        float[] values = new float[n * p];
        for (int i = 0; i < n; i++) {
          rows.get(i).packet().floats(rows.get(i).row(), values, i * p);
        }
        yield DenseFeatures.ofFloats(n, p, values);
      }
      case DOUBLE_ROWS -> {
        double[] values = new double[n * p];
        for (int i = 0; i < n; i++) {
          rows.get(i).packet().values(rows.get(i).row(), values, i * p);
        }
        yield DenseFeatures.ofDoubles(n, p, values);
      }
    };
  }

  private CsrFeatures sparse(List<Place> rows) {
    int n = rows.size();
    int[] rowStart = new int[n + 1];
    for (int i = 0; i < n; i++) {
      rowStart[i + 1] = Math.addExact(rowStart[i], rows.get(i).packet().width(rows.get(i).row()));
    }
    int[] indices = new int[rowStart[n]];
    double[] values = new double[rowStart[n]];
    for (int i = 0; i < n; i++) {
      RowPacket packet = rows.get(i).packet();
      packet.columns(rows.get(i).row(), indices, rowStart[i]);
      packet.values(rows.get(i).row(), values, rowStart[i]);
    }
    return new CsrFeatures(shape.columns(), rowStart, indices, values, shape.shift());
  }
}
