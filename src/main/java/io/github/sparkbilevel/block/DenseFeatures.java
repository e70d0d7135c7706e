package io.github.sparkbilevel.block;

/**
 * Dense feature rows, row-major, in one heap array of the storage precision.
 *
 * <p>Exactly one of {@link #singles()} and {@link #doubles()} is not null. Read column-major, the
 * same array is the transposed matrix (columns × rows) with leading dimension {@code columns}: that
 * is how BLAS reads it without a copy.
 */
public final class DenseFeatures implements Features {
  private static final long serialVersionUID = 1L;

  private final int rows;
  private final int columns;
  private final float[] singles;
  private final double[] doubles;

  private DenseFeatures(int rows, int columns, float[] singles, double[] doubles) {
    int length = singles != null ? singles.length : doubles.length;
    if (rows < 0 || columns < 0 || (long) rows * columns != length) {
      throw new IllegalArgumentException(
          "got " + length + " values for " + rows + " rows x " + columns + " columns");
    }
    this.rows = rows;
    this.columns = columns;
    this.singles = singles;
    this.doubles = doubles;
  }

  /** Wraps float32 rows; the array is not copied. */
  public static DenseFeatures ofFloats(int rows, int columns, float[] values) {
    return new DenseFeatures(rows, columns, values, null);
  }

  /** Wraps float64 rows; the array is not copied. */
  public static DenseFeatures ofDoubles(int rows, int columns, double[] values) {
    return new DenseFeatures(rows, columns, null, values);
  }

  /** The float32 values, or null when the rows are float64. */
  public float[] singles() {
    return singles;
  }

  /** The float64 values, or null when the rows are float32. */
  public double[] doubles() {
    return doubles;
  }

  @Override
  public boolean isSingle() {
    return singles != null;
  }

  @Override
  public int rows() {
    return rows;
  }

  @Override
  public int columns() {
    return columns;
  }

  @Override
  public DenseFeatures select(int[] chosen) {
    int length = chosen.length * columns;
    float[] floats = isSingle() ? new float[length] : null;
    double[] numbers = isSingle() ? null : new double[length];
    for (int i = 0; i < chosen.length; i++) {
      Object from = isSingle() ? singles : doubles;
      Object to = isSingle() ? floats : numbers;
      System.arraycopy(from, chosen[i] * columns, to, i * columns, columns);
    }
    return new DenseFeatures(chosen.length, columns, floats, numbers);
  }

  @Override
  public void copyRow(int row, double[] out) {
    for (int j = 0; j < columns; j++) {
      out[j] = isSingle() ? singles[row * columns + j] : doubles[row * columns + j];
    }
  }

  @Override
  public long bytes() {
    return (long) rows * columns * (isSingle() ? Float.BYTES : Double.BYTES);
  }
}
