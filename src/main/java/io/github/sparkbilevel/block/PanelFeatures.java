package io.github.sparkbilevel.block;

import java.util.function.IntFunction;

/**
 * Dense float32 rows in panels: within some hundred neighbouring rows, column after column.
 *
 * <p>Products with few columns are as fast as memory in this order: a vector of the CPU holds the
 * same feature of neighbouring rows, whether there are five features or a thousand. A row's own
 * numbers lie far apart, so this is not for models that are trained on rows drawn here and there.
 *
 * <p>A panel has {@link #panelRows()} rows, the last one as many as are left, rounded up to a
 * multiple of {@value #LANES}; the rows that fill it up are zeros.
 */
public final class PanelFeatures implements Features {
  private static final long serialVersionUID = 1L;

  /** Rows of a panel are a multiple of this, two of the widest vectors of single precision. */
  public static final int LANES = 32;

  private static final int MOST_ROWS = 1024;
  private static final int LEAST_ROWS = 64;

  /** A panel, and the sums and operands that go with it, stay in a core's second-level cache. */
  private static final int PANEL_BYTES = 1 << 20;

  private final int rows;
  private final int columns;
  private final float[] values;

  private PanelFeatures(int rows, int columns, float[] values) {
    this.rows = rows;
    this.columns = columns;
    this.values = values;
  }

  /**
   * Copies rows, rounded to float32.
   *
   * @param row the numbers of a row by its index
   */
  public static PanelFeatures of(int rows, int columns, IntFunction<double[]> row) {
    long length = (long) padded(rows) * columns;
    if (length > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "got %d rows of %d columns for a block, expected less than 2^31 numbers"
              .formatted(rows, columns));
    }
    PanelFeatures features = new PanelFeatures(rows, columns, new float[(int) length]);
    int height = features.panelRows();
    double[][] group = new double[LANES][];
    for (int from = 0; from < rows; from += LANES) {
      int count = Math.min(LANES, rows - from);
      for (int i = 0; i < count; i++) {
        group[i] = row.apply(from + i);
      }
      int panel = from / height * height;
      features.put(group, count, features.start(panel) + from - panel, features.stride(panel));
    }
    return features;
  }

  /** Copies neighbouring rows column by column, which fills whole lines of the cache. */
  private void put(double[][] group, int count, int at, int stride) {
    for (int j = 0; j < columns; j++) {
      int to = at + j * stride;
      for (int i = 0; i < count; i++) {
        values[to + i] = (float) group[i][j];
      }
    }
  }

  private static int padded(int rows) {
    return Math.addExact(rows, LANES - 1) / LANES * LANES;
  }

  /** Rows of every panel but the last, a power of two that depends on the columns alone. */
  public int panelRows() {
    long fitting = PANEL_BYTES / (4L * Math.max(1, columns));
    return (int) Math.max(LEAST_ROWS, Math.min(MOST_ROWS, Long.highestOneBit(fitting)));
  }

  /** Where the panel that begins with a row lies. */
  public int start(int panelFrom) {
    return panelFrom * columns;
  }

  /** From one column to the next in the panel that begins with a row. */
  public int stride(int panelFrom) {
    return Math.min(panelRows(), padded(rows - panelFrom));
  }

  /** The numbers; not to be changed. */
  public float[] values() {
    return values;
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
  public PanelFeatures select(int[] chosen) {
    double[][] scratch = new double[LANES][columns];
    return of(
        chosen.length,
        columns,
        i -> {
          double[] numbers = scratch[i % LANES];
          copyRow(chosen[i], numbers);
          return numbers;
        });
  }

  @Override
  public boolean isSingle() {
    return true;
  }

  @Override
  public long bytes() {
    return 4L * values.length;
  }

  @Override
  public void copyRow(int row, double[] out) {
    int from = row / panelRows() * panelRows();
    int stride = stride(from);
    int at = start(from) + row - from;
    for (int j = 0; j < columns; j++) {
      out[j] = values[at + j * stride];
    }
  }
}
