package io.github.sparkbilevel.spark.rows;

import io.github.sparkbilevel.block.BlockLayout;
import io.github.sparkbilevel.spark.rows.DataRow.Part;
import java.io.Serializable;
import java.util.Arrays;

/**
 * Rows on their way to one partition, column by column: what the shuffle writes is a few arrays of
 * numbers for thousands of rows, and not an object for each.
 *
 * <p>Numbers of single-precision layouts are rounded here and not when a block is filled, so that
 * half as much is written.
 */
final class RowPacket implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final int LEAST_ROWS = 8;

  /** What a row takes beside its features. */
  private static final long ROLE_BYTES = 4 * Long.BYTES + Integer.BYTES + 1L;

  private final boolean single;
  private final boolean sparse;
  private int rows;
  private int cells;
  private byte[] parts = new byte[LEAST_ROWS];
  private long[] ids = new long[LEAST_ROWS];
  private double[] labels = new double[LEAST_ROWS];
  private double[] weights = new double[LEAST_ROWS];
  private int[] groups = new int[LEAST_ROWS];
  private double[] truths = new double[LEAST_ROWS];

  /** Null until a row has some, like the probabilities below. */
  private int[][] votes;

  private float[][] probabilities;

  /** Where the cells of each row end. */
  private int[] ends = new int[LEAST_ROWS];

  private int[] indices = new int[0];
  private float[] floats = new float[0];
  private double[] doubles = new double[0];

  RowPacket(BlockLayout layout) {
    single = layout.isSingle();
    sparse = layout == BlockLayout.SPARSE_ROWS;
  }

  int rows() {
    return rows;
  }

  /** The bytes of its rows. */
  long bytes() {
    long cell = (single ? Float.BYTES : Double.BYTES) + (sparse ? Integer.BYTES : 0);
    return rows * ROLE_BYTES + cells * cell;
  }

  void add(DataRow row) {
    if (rows == ids.length) {
      setLength(2 * rows);
    }
    parts[rows] = (byte) row.part().ordinal();
    ids[rows] = row.id();
    labels[rows] = row.label();
    weights[rows] = row.weight();
    groups[rows] = row.group();
    truths[rows] = row.truth();
    if (row.votes().length > 0) {
      votes = votes == null ? new int[ids.length][] : votes;
      votes[rows] = row.votes();
    }
    if (row.probabilities().length > 0) {
      probabilities = probabilities == null ? new float[ids.length][] : probabilities;
      probabilities[rows] = row.probabilities();
    }
    addCells(row.indices(), row.values());
    ends[rows++] = cells;
  }

  private void addCells(int[] columns, double[] values) {
    int n = values.length;
    int needed = Math.addExact(cells, n);
    int room = single ? floats.length : doubles.length;
    if (needed > room) {
      setRoom((int) Math.min(Integer.MAX_VALUE - 8L, Math.max(needed, 2L * room)));
    }
    if (single) {
      for (int k = 0; k < n; k++) {
        floats[cells + k] = (float) values[k];
      }
    } else {
      System.arraycopy(values, 0, doubles, cells, n);
    }
    if (sparse) {
      System.arraycopy(columns, 0, indices, cells, n);
    }
    cells = needed;
  }

  private void setLength(int length) {
    parts = Arrays.copyOf(parts, length);
    ids = Arrays.copyOf(ids, length);
    labels = Arrays.copyOf(labels, length);
    weights = Arrays.copyOf(weights, length);
    groups = Arrays.copyOf(groups, length);
    truths = Arrays.copyOf(truths, length);
    votes = votes == null ? null : Arrays.copyOf(votes, length);
    probabilities = probabilities == null ? null : Arrays.copyOf(probabilities, length);
    ends = Arrays.copyOf(ends, length);
  }

  private void setRoom(int room) {
    if (single) {
      floats = Arrays.copyOf(floats, room);
    } else {
      doubles = Arrays.copyOf(doubles, room);
    }
    if (sparse) {
      indices = Arrays.copyOf(indices, room);
    }
  }

  /** The same packet without spare room, to be sent. */
  RowPacket trimmed() {
    setLength(rows);
    setRoom(cells);
    return this;
  }

  Part part(int row) {
    return Part.values()[parts[row]];
  }

  long id(int row) {
    return ids[row];
  }

  double label(int row) {
    return labels[row];
  }

  double weight(int row) {
    return weights[row];
  }

  int group(int row) {
    return groups[row];
  }

  double truth(int row) {
    return truths[row];
  }

  /** The votes of a row, or null. */
  int[] votes(int row) {
    return votes == null ? null : votes[row];
  }

  /** The probabilities of the classes that a row brings, or null. */
  float[] probabilities(int row) {
    return probabilities == null ? null : probabilities[row];
  }

  /** The number of cells of a row. */
  int width(int row) {
    return ends[row] - start(row);
  }

  private int start(int row) {
    return row == 0 ? 0 : ends[row - 1];
  }

  /** Copies the values of a row. */
  void values(int row, double[] to, int at) {
    int from = start(row);
    int n = ends[row] - from;
    if (single) {
      for (int k = 0; k < n; k++) {
        to[at + k] = floats[from + k];
      }
    } else {
      System.arraycopy(doubles, from, to, at, n);
    }
  }

  /** Copies the values of a row of a single-precision layout. */
  void floats(int row, float[] to, int at) {
    System.arraycopy(floats, start(row), to, at, width(row));
  }

  /** Copies the columns of the cells of a sparse row. */
  void columns(int row, int[] to, int at) {
    System.arraycopy(indices, start(row), to, at, width(row));
  }
}
