package io.github.sparkbilevel.backend;

/**
 * What layers do with the numbers of a tile of rows, in float32 or in float64.
 *
 * <p>A matrix has a row for each of the {@code n} rows of the tile and is packed column-major, so
 * that a column is a run of n numbers. Sums over rows are float64. Implementations keep scratch and
 * rounded copies of what they were given: one thread, and one call of a kernel.
 *
 * @param <A> what holds the numbers
 */
public interface TileOps<A> extends MatrixProducts<A> {

  /**
   * A vector of parameters in the precision of the tile.
   *
   * @param values what holds them
   * @param at where the first one lies
   */
  record Numbers<A>(A values, int at) {

    /** The matrix that begins {@code from} numbers behind the first. */
    public Operand<A> matrix(int from, int ld) {
      return Operand.of(values, at + from, ld);
    }
  }

  /** Operations in float32. */
  static TileOps<float[]> singles(MatrixProducts<float[]> matrices) {
    return new SingleOps(matrices);
  }

  /** Operations in float64. */
  static TileOps<double[]> doubles(MatrixProducts<double[]> matrices) {
    return new DoubleOps(matrices);
  }

  /** Room for numbers, all 0. */
  A allocate(int length);

  /** Number i; slow, for what has no operation of its own. */
  double get(A a, int i);

  /** Writes number i; slow, for what has no operation of its own. */
  void set(A a, int i, double value);

  /**
   * Numbers that do not change as long as these operations live.
   *
   * @return the same array, or a rounded copy, of which there is one for each array and {@code at}
   */
  Numbers<A> numbers(double[] v, int at, int length);

  /** The numbers of an array, in {@code room} unless the array itself will do. */
  A narrow(double[] a, A room, int length);

  /** The numbers in float64; not to be changed, for it may be the array itself. */
  double[] widen(A a, int length);

  /** z = A C. */
  void multiply(RowProducts rows, Operand<A> c, int k, A z);

  /** out += Aᵀ D. */
  void addTransposed(RowProducts rows, A d, int k, double[] out, int at, int ld);

  /** out = Aᵀ D, p × k. */
  void transpose(RowProducts rows, A d, int p, int k, Operand<A> out);

  /** out += Xᵀ D, p × k. */
  void addTransposed(A x, A d, int p, int k, int n, double[] out, int at, int ld);

  /** out += Xᵀ Y, k × k, where that is symmetric. */
  void addSquare(A x, A y, int k, int n, double[] out, int at, int ld);

  /** Adds to each column of z its number, which lies {@code from.ld()} behind the one before. */
  void addBiases(Operand<A> from, A z, int n, int k);

  /** Σ of n numbers. */
  double sum(A a, int from, int n);

  /** out = a ∘ b; out may be one of them. */
  void multiply(A a, A b, A out, int length);

  /** out = a + b; out may be one of them. */
  void add(A a, A b, A out, int length);

  /** y = max(z, 0), and its slope, which is 0 at 0. */
  void rectify(A z, A y, A slope, int length);

  /** out = w ∘ x for the n numbers of a column; returns their sum. */
  double scale(A x, int from, int n, double[] w, A out);
}
