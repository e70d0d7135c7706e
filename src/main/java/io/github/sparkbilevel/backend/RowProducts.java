package io.github.sparkbilevel.backend;

/**
 * Products with the rows of one block, a tile of rows at a time.
 *
 * <p>Life cycle: {@link #load} a tile, then any number of products with it, then the next tile; at
 * the end {@link #close}. One thread only. Operands and results are column-major, and float64 where
 * nothing else is said; products with float32 rows are computed in float32 within a tile and summed
 * in float64 over tiles. A tile A has {@link #count()} rows and p columns (features, no intercept).
 */
public interface RowProducts extends AutoCloseable {

  /** Makes rows {@code from … from + count − 1} the current tile A. */
  void load(int from, int count);

  /** Rows of the current tile. */
  int count();

  /**
   * Z = A C.
   *
   * @param c p × k, column {@code j} at {@code cOffset + j·ldc}; not changed
   * @param z count × k with leading dimension count, overwritten
   */
  void multiply(double[] c, int cOffset, int ldc, int k, double[] z);

  /**
   * out += Aᵀ R.
   *
   * @param r count × k with leading dimension count; not changed
   * @param out p × k, column {@code j} at {@code outOffset + j·ldOut}
   */
  void addTransposed(double[] r, int k, double[] out, int outOffset, int ldOut);

  /**
   * As {@link #addTransposed(double[], int, double[], int, int)}, for the same sums tile after
   * tile: they are complete when the products are closed, and may be before.
   */
  void gather(double[] r, int k, double[] out, int outOffset, int ldOut);

  /**
   * Z = A C with float32 operands; rows of float64 are still multiplied in float64.
   *
   * @param c p × k, column {@code j} at {@code cOffset + j·ldc}; not changed
   * @param z count × k with leading dimension count, overwritten
   */
  void multiply(float[] c, int cOffset, int ldc, int k, float[] z);

  /**
   * out += Aᵀ R with a float32 operand and float64 sums.
   *
   * @param r count × k with leading dimension count; not changed
   * @param out p × k, column {@code j} at {@code outOffset + j·ldOut}
   */
  void addTransposed(float[] r, int k, double[] out, int outOffset, int ldOut);

  /**
   * out = Aᵀ R with float32 operands.
   *
   * @param r count × k with leading dimension count; not changed
   * @param out p × k, column {@code j} at {@code outOffset + j·ldOut}, overwritten
   */
  void transpose(float[] r, int k, float[] out, int outOffset, int ldOut);

  /**
   * out += Aᵀ diag(w) A, both triangles.
   *
   * @param w count numbers of any sign
   * @param out p × p, column {@code j} at {@code outOffset + j·ldOut}
   */
  void addGram(double[] w, double[] out, int outOffset, int ldOut);

  /**
   * out += Āᵀ C (Ā V) for a tile, where {@link DenseBackend#curves()}: what lies between the two
   * products stays where the rows are.
   *
   * @param curvature of the rows of the block
   * @param v ld × k with k a multiple of K: p numbers a column and, where ld is p + 1, that of the
   *     constant 1 in Ā
   * @param out of the same shape, from {@code outOffset} on
   */
  void addCurved(RowCurvature curvature, double[] v, int ld, int k, double[] out, int outOffset);

  @Override
  void close();
}
