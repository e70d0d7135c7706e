package io.github.sparkbilevel.block;

import java.util.Arrays;

/**
 * Sparse feature rows in compressed form; the matrix they stand for is {@code S − 1 shiftᵀ}.
 *
 * <p>Row {@code i} of S has the entries {@code values[k]} at {@code indices[k]} for {@code
 * rowStart[i] ≤ k < rowStart[i + 1]}. The shift is the mean that standardisation takes away: it is
 * kept apart, so that a standardised sparse matrix stays sparse. Values are float64: beside an
 * index of four bytes, a float32 value would save a third of the memory and half of the digits.
 */
public final class CsrFeatures implements Features {
  private static final long serialVersionUID = 1L;

  private final int columns;
  private final int[] rowStart;
  private final int[] indices;
  private final double[] values;
  private final double[] shift;

  /**
   * Wraps the arrays; none is copied.
   *
   * @param rowStart rows + 1 offsets into {@code indices}, from 0, not falling
   * @param shift what is taken from every row, one number per column, or null for nothing
   */
  public CsrFeatures(int columns, int[] rowStart, int[] indices, double[] values, double[] shift) {
    int nonZeros = rowStart[rowStart.length - 1];
    if (nonZeros != indices.length || nonZeros != values.length) {
      throw new IllegalArgumentException(
          "rowStart ends at "
              + nonZeros
              + ", expected the number of indices and values, got "
              + indices.length
              + " and "
              + values.length);
    }
    if (shift != null && shift.length != columns) {
      throw new IllegalArgumentException(
          "got a shift of length " + shift.length + ", expected " + columns);
    }
    this.columns = columns;
    this.rowStart = rowStart;
    this.indices = indices;
    this.values = values;
    this.shift = shift;
  }

  /** The rows + 1 offsets. */
  public int[] rowStart() {
    return rowStart;
  }

  /** Column of each entry. */
  public int[] indices() {
    return indices;
  }

  /** Value of each entry. */
  public double[] values() {
    return values;
  }

  /** What is taken from every row, or null. */
  public double[] shift() {
    return shift;
  }

  @Override
  public int rows() {
    return rowStart.length - 1;
  }

  @Override
  public int columns() {
    return columns;
  }

  @Override
  public CsrFeatures select(int[] chosen) {
    int[] starts = new int[chosen.length + 1];
    for (int i = 0; i < chosen.length; i++) {
      starts[i + 1] = starts[i] + rowStart[chosen[i] + 1] - rowStart[chosen[i]];
    }
    int entries = starts[chosen.length];
    int[] columnOf = new int[entries];
    double[] numbers = new double[entries];
    for (int i = 0; i < chosen.length; i++) {
      int from = rowStart[chosen[i]];
      System.arraycopy(indices, from, columnOf, starts[i], starts[i + 1] - starts[i]);
      System.arraycopy(values, from, numbers, starts[i], starts[i + 1] - starts[i]);
    }
    return new CsrFeatures(columns, starts, columnOf, numbers, shift);
  }

  @Override
  public CsrFeatures selectColumns(int[] chosen) {
    int[] placeOf = new int[columns];
    Arrays.fill(placeOf, -1);
    for (int j = 0; j < chosen.length; j++) {
      placeOf[chosen[j]] = j;
    }
    int[] starts = new int[rowStart.length];
    int[] columnOf = new int[indices.length];
    double[] numbers = new double[indices.length];
    int entries = 0;
    for (int i = 0; i < rows(); i++) {
      for (int e = rowStart[i]; e < rowStart[i + 1]; e++) {
        if (placeOf[indices[e]] >= 0) {
          columnOf[entries] = placeOf[indices[e]];
          numbers[entries++] = values[e];
        }
      }
      starts[i + 1] = entries;
    }
    double[] taken = shift == null ? null : new double[chosen.length];
    for (int j = 0; taken != null && j < chosen.length; j++) {
      taken[j] = shift[chosen[j]];
    }
    return new CsrFeatures(
        chosen.length,
        starts,
        Arrays.copyOf(columnOf, entries),
        Arrays.copyOf(numbers, entries),
        taken);
  }

  @Override
  public void copyRow(int row, double[] out) {
    for (int j = 0; j < columns; j++) {
      out[j] = shift == null ? 0 : -shift[j];
    }
    for (int e = rowStart[row]; e < rowStart[row + 1]; e++) {
      out[indices[e]] += values[e];
    }
  }

  @Override
  public boolean isSingle() {
    return false;
  }

  @Override
  public long bytes() {
    return 4L * rowStart.length + 12L * values.length;
  }
}
