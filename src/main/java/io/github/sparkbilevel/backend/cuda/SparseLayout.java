package io.github.sparkbilevel.backend.cuda;

import io.github.sparkbilevel.block.CsrFeatures;
import java.util.Arrays;

/**
 * Sparse rows on a GPU: the non-zeros row after row, and once more column after column, so that
 * sums over rows need no atomics.
 *
 * <p>Columns are cut into <em>pieces</em> of at most {@value #PIECE} non-zeros. Where the arrays
 * lie follows from the numbers of rows, columns and non-zeros alone; there is room for as many
 * pieces as there can be, and those too many are empty. Takes 24 bytes for each non-zero, 4 for a
 * row, 8 for a column.
 */
record SparseLayout(CsrFeatures features) implements ResidentRows.Layout {
  /** Non-zeros of a column that are summed at once. */
  static final int PIECE = 1024;

  /** What lies there, one after the other. */
  private enum Part {
    NUMBERS,
    COLUMN_NUMBERS,
    STARTS,
    INDICES,
    PIECES,
    COLUMN_STARTS,
    COLUMN_INDICES
  }

  /** The non-zeros column after column, those of a column in the order of their rows. */
  private record ByColumn(int[] starts, int[] rows, double[] numbers) {}

  private int nonZeros() {
    return features.indices().length;
  }

  /** The most pieces that so many non-zeros in so many columns make. */
  int mostPieces() {
    return nonZeros() / PIECE + Math.min(features.columns(), nonZeros());
  }

  private long length(Part part) {
    return switch (part) {
      case NUMBERS, COLUMN_NUMBERS, INDICES, COLUMN_INDICES -> nonZeros();
      case STARTS -> features.rows() + 1L;
      case PIECES -> features.columns() + 1L;
      case COLUMN_STARTS -> mostPieces() + 1L;
    };
  }

  private long bytes(Part part) {
    boolean isDouble = part == Part.NUMBERS || part == Part.COLUMN_NUMBERS;
    return length(part) * (isDouble ? Double.BYTES : Integer.BYTES);
  }

  private long at(long address, Part part) {
    return address
        + Arrays.stream(Part.values()).limit(part.ordinal()).mapToLong(this::bytes).sum();
  }

  @Override
  public Object key() {
    return features;
  }

  @Override
  public long bytes() {
    return Arrays.stream(Part.values()).mapToLong(this::bytes).sum();
  }

  @Override
  public void copy(long address, CudaStream stream) {
    put(stream, at(address, Part.NUMBERS), features.values());
    put(stream, at(address, Part.STARTS), features.rowStart());
    put(stream, at(address, Part.INDICES), features.indices());
    ByColumn turned = byColumn();
    put(stream, at(address, Part.COLUMN_NUMBERS), turned.numbers());
    put(stream, at(address, Part.COLUMN_INDICES), turned.rows());
    int[] first = firstPieces(turned.starts());
    put(stream, at(address, Part.PIECES), first);
    put(stream, at(address, Part.COLUMN_STARTS), pieceStarts(turned.starts(), first));
  }

  private static void put(CudaStream stream, long to, int[] from) {
    stream.put(to, from, 0, from.length);
  }

  private static void put(CudaStream stream, long to, double[] from) {
    stream.put(to, from, 0, from.length);
  }

  private ByColumn byColumn() {
    int[] starts = new int[features.columns() + 1];
    for (int column : features.indices()) {
      starts[column + 1]++;
    }
    Arrays.parallelPrefix(starts, Integer::sum);
    int[] next = starts.clone();
    int[] rows = new int[nonZeros()];
    double[] numbers = new double[nonZeros()];
    for (int i = 0; i < features.rows(); i++) {
      for (int e = features.rowStart()[i]; e < features.rowStart()[i + 1]; e++) {
        int to = next[features.indices()[e]]++;
        rows[to] = i;
        numbers[to] = features.values()[e];
      }
    }
    return new ByColumn(starts, rows, numbers);
  }

  /** The first piece of each column, and behind them how many there are. */
  private static int[] firstPieces(int[] starts) {
    int[] first = new int[starts.length];
    for (int j = 0; j + 1 < starts.length; j++) {
      first[j + 1] = first[j] + (starts[j + 1] - starts[j] + PIECE - 1) / PIECE;
    }
    return first;
  }

  private int[] pieceStarts(int[] starts, int[] first) {
    int[] at = new int[mostPieces() + 1];
    Arrays.fill(at, nonZeros());
    for (int j = 0; j + 1 < starts.length; j++) {
      for (int piece = first[j]; piece < first[j + 1]; piece++) {
        at[piece] = starts[j] + (piece - first[j]) * PIECE;
      }
    }
    return at;
  }

  /** Makes the rows from one on, which lie from an address on, the lines of the next kernels. */
  CudaStream rows(long address, int from, int count, CudaStream stream) {
    return stream
        .rows(at(address, Part.NUMBERS), count, features.columns())
        .lines(
            at(address, Part.STARTS) + (long) from * Integer.BYTES, at(address, Part.INDICES), 0);
  }

  /** Makes the pieces of the columns of these rows the lines of the next kernels. */
  CudaStream pieces(long address, int from, int count, CudaStream stream) {
    return stream
        .rows(at(address, Part.COLUMN_NUMBERS), mostPieces(), count)
        .lines(at(address, Part.COLUMN_STARTS), at(address, Part.COLUMN_INDICES), from)
        .pieces(at(address, Part.PIECES));
  }

  /** Has the next kernels read these rows, and columns beside them. */
  CudaStream both(long address, int from, int count, CudaStream stream) {
    return stream
        .rows(at(address, Part.NUMBERS), count, features.columns())
        .lines(at(address, Part.STARTS), at(address, Part.INDICES), from)
        .pieces(at(address, Part.PIECES))
        .columns(
            at(address, Part.COLUMN_STARTS),
            at(address, Part.COLUMN_INDICES),
            at(address, Part.COLUMN_NUMBERS));
  }
}
