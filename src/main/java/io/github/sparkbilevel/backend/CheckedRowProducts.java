package io.github.sparkbilevel.backend;

import java.util.Arrays;

/**
 * The part of {@link RowProducts} that does not depend on the arithmetic: bounds, the life cycle
 * and the empty cases.
 *
 * <p>A subclass implements the five abstract methods, and those with float32 operands where it can
 * do better than by float64; it may rely on: a tile is loaded and has rows, p ≥ 1, k ≥ 1, every
 * operand is long enough.
 */
public abstract class CheckedRowProducts implements RowProducts {
  private enum State {
    NEW,
    LOADED,
    CLOSED
  }

  private final int rows;
  private final int columns;
  private final int maxTileRows;
  private int from;
  private int count;
  private State state = State.NEW;

  /**
   * Products with a block of {@code rows × columns}.
   *
   * @param maxTileRows the most rows a tile will have, at least 1
   */
  protected CheckedRowProducts(int rows, int columns, int maxTileRows) {
    if (maxTileRows < 1) {
      throw new IllegalArgumentException(
          "got maxTileRows = " + maxTileRows + ", expected at least 1; see DenseBackends.tileRows");
    }
    this.rows = rows;
    this.columns = columns;
    this.maxTileRows = maxTileRows;
  }

  /** Makes the rows the current tile. */
  protected abstract void loadTile(int from, int count);

  /** Z = A C. */
  protected abstract void multiplyTile(double[] c, int cOffset, int ldc, int k, double[] z);

  /** out += Aᵀ R. */
  protected abstract void addTransposedTile(
      double[] r, int k, double[] out, int outOffset, int ldOut);

  /** out += Aᵀ R, at the latest when the products are closed. */
  protected void gatherTile(double[] r, int k, double[] out, int outOffset, int ldOut) {
    addTransposedTile(r, k, out, outOffset, ldOut);
  }

  /** out += Aᵀ diag(w) A; what is added is symmetric to the bit. */
  protected abstract void addGramTile(double[] w, double[] out, int outOffset, int ldOut);

  /** Z = A C. */
  protected void multiplyTile(float[] c, int cOffset, int ldc, int k, float[] z) {
    double[] wide = new double[TileMath.length(columns, k)];
    double[] tall = new double[TileMath.length(count, k)];
    for (int j = 0; j < k; j++) {
      Precision.widen(c, cOffset + j * ldc, wide, j * columns, columns);
    }
    multiplyTile(wide, 0, columns, k, tall);
    TileMath.pack(tall, 0, count, count, k, z);
  }

  /** out += Aᵀ R. */
  protected void addTransposedTile(float[] r, int k, double[] out, int outOffset, int ldOut) {
    double[] tall = new double[TileMath.length(count, k)];
    Precision.widen(r, 0, tall, 0, tall.length);
    addTransposedTile(tall, k, out, outOffset, ldOut);
  }

  /** out = Aᵀ R. */
  protected void transposeTile(float[] r, int k, float[] out, int outOffset, int ldOut) {
    double[] wide = new double[TileMath.length(columns, k)];
    addTransposedTile(r, k, wide, 0, columns);
    for (int j = 0; j < k; j++) {
      Precision.narrow(wide, j * columns, out, outOffset + j * ldOut, columns);
    }
  }

  /**
   * out += Āᵀ C (Ā V), by backends that have it.
   *
   * @param from the first row of the tile in the block
   */
  protected void addCurvedTile(
      RowCurvature curvature, int from, double[] v, int ld, int k, double[] out, int outOffset) {
    throw new UnsupportedOperationException(
        "got a curvature for %s, expected a backend that curves; multiply, and multiply back"
            .formatted(getClass().getSimpleName()));
  }

  /** Gives back what the products hold; called once. */
  protected abstract void release();

  /** Number of features p. */
  protected final int columns() {
    return columns;
  }

  /** The most rows a tile may have, never more than the block has. */
  protected final int tileCapacity() {
    return Math.max(1, Math.min(maxTileRows, rows));
  }

  @Override
  public final void load(int from, int count) {
    if (state == State.CLOSED) {
      throw new IllegalStateException("load after close; open new products for the block");
    }
    if (count < 0 || count > maxTileRows || from < 0 || from > rows - count) {
      throw new IllegalArgumentException(
          "got a tile of "
              + count
              + " rows from row "
              + from
              + ", expected it within the block's "
              + rows
              + " rows and not above "
              + maxTileRows
              + " rows");
    }
    this.from = from;
    this.count = count;
    state = State.LOADED;
    if (count > 0 && columns > 0) {
      loadTile(from, count);
    }
  }

  @Override
  public final int count() {
    return count;
  }

  @Override
  public final void multiply(double[] c, int cOffset, int ldc, int k, double[] z) {
    requireLoaded();
    requireMatrix("c", c.length, cOffset, ldc, columns, k);
    requireMatrix("z", z.length, 0, count, count, k);
    if (count == 0 || k == 0) {
      return;
    }
    if (columns == 0) {
      Arrays.fill(z, 0, count * k, 0.0);
      return;
    }
    multiplyTile(c, cOffset, ldc, k, z);
  }

  @Override
  public final void addTransposed(double[] r, int k, double[] out, int outOffset, int ldOut) {
    if (isThereWork(r.length, k, out.length, outOffset, ldOut)) {
      addTransposedTile(r, k, out, outOffset, ldOut);
    }
  }

  @Override
  public final void gather(double[] r, int k, double[] out, int outOffset, int ldOut) {
    if (isThereWork(r.length, k, out.length, outOffset, ldOut)) {
      gatherTile(r, k, out, outOffset, ldOut);
    }
  }

  @Override
  public final void multiply(float[] c, int cOffset, int ldc, int k, float[] z) {
    requireLoaded();
    requireMatrix("c", c.length, cOffset, ldc, columns, k);
    requireMatrix("z", z.length, 0, count, count, k);
    if (columns == 0) {
      Arrays.fill(z, 0, count * k, 0f);
    } else if (count > 0 && k > 0) {
      multiplyTile(c, cOffset, ldc, k, z);
    }
  }

  @Override
  public final void addTransposed(float[] r, int k, double[] out, int outOffset, int ldOut) {
    if (isThereWork(r.length, k, out.length, outOffset, ldOut)) {
      addTransposedTile(r, k, out, outOffset, ldOut);
    }
  }

  @Override
  public final void transpose(float[] r, int k, float[] out, int outOffset, int ldOut) {
    if (isThereWork(r.length, k, out.length, outOffset, ldOut)) {
      transposeTile(r, k, out, outOffset, ldOut);
    } else {
      for (int j = 0; j < k; j++) {
        Arrays.fill(out, outOffset + j * ldOut, outOffset + j * ldOut + columns, 0f);
      }
    }
  }

  @Override
  public final void addGram(double[] w, double[] out, int outOffset, int ldOut) {
    requireLoaded();
    requireMatrix("w", w.length, 0, count, count, 1);
    requireMatrix("out", out.length, outOffset, ldOut, columns, columns);
    if (count > 0 && columns > 0) {
      addGramTile(w, out, outOffset, ldOut);
    }
  }

  @Override
  public final void addCurved(
      RowCurvature curvature, double[] v, int ld, int k, double[] out, int outOffset) {
    requireLoaded();
    requireMatrix("v", v.length, 0, ld, Math.max(ld, columns), k);
    requireMatrix("out", out.length, outOffset, ld, Math.max(ld, columns), k);
    if (k % curvature.outputs() != 0 || ld > columns + 1) {
      throw new IllegalArgumentException(
          "got %d columns of length %d, expected a multiple of %d outputs, of length %d or 1 more"
              .formatted(k, ld, curvature.outputs(), columns));
    }
    if (count > 0 && k > 0 && columns > 0) {
      addCurvedTile(curvature, from, v, ld, k, out, outOffset);
    }
  }

  @Override
  public final void close() {
    if (state != State.CLOSED) {
      state = State.CLOSED;
      release();
    }
  }

  /** Checks the operands of a product with Aᵀ; whether anything is to be multiplied. */
  private boolean isThereWork(int r, int k, int out, int outOffset, int ldOut) {
    requireLoaded();
    requireMatrix("r", r, 0, count, count, k);
    requireMatrix("out", out, outOffset, ldOut, columns, k);
    return count > 0 && k > 0 && columns > 0;
  }

  private void requireLoaded() {
    if (state != State.LOADED) {
      throw new IllegalStateException(
          state == State.NEW
              ? "no tile is loaded; call load(from, count) first"
              : "product after close; open new products for the block");
    }
  }

  private static void requireMatrix(
      String name, int length, int offset, int ld, int height, int width) {
    long end = width == 0 ? offset : offset + (width - 1L) * ld + height;
    if (width < 0 || offset < 0 || ld < height || end > length) {
      throw new IllegalArgumentException(
          "got "
              + name
              + " of length "
              + length
              + " with offset "
              + offset
              + " and leading dimension "
              + ld
              + ", expected room for "
              + height
              + " x "
              + width
              + " numbers and a leading dimension of at least "
              + height);
    }
  }
}
