package io.github.sparkbilevel.backend;

import io.github.sparkbilevel.backend.MatrixProducts.Operand;

/**
 * Rows that layers work on together, and what they do with the numbers of them, in float32 or in
 * float64.
 *
 * <p>A matrix has a row for each row of the tile and is packed column-major, so that a column is a
 * run of {@link #count()} numbers. Sums over rows are float64. A tile keeps scratch and rounded
 * copies of what it was given: one thread, and one call of a kernel.
 *
 * @param <A> what holds the numbers
 */
public abstract sealed class Tile<A> permits SingleTile, DoubleTile {
  private final MatrixProducts<A> matrices;
  private final int capacity;
  private final Tile<A> base;
  private final int positions;
  private int count;

  Tile(MatrixProducts<A> matrices, int capacity) {
    this.matrices = matrices;
    this.capacity = capacity;
    this.base = null;
    this.positions = 1;
  }

  /** Every position of the rows of another tile as a row. */
  Tile(Tile<A> base, int positions) {
    this.matrices = base.matrices;
    this.capacity = TileMath.length(base.capacity, positions);
    this.base = base;
    this.positions = positions;
  }

  /**
   * The tile whose rows are the positions of the rows of this one: a matrix of {@code positions}
   * columns for each number is one with a column for each number.
   */
  public abstract Tile<A> times(int positions);

  /**
   * A vector of parameters in the precision of the tile.
   *
   * @param values what holds them
   * @param at where the first one lies
   */
  public record Numbers<A>(A values, int at) {

    /** The matrix that begins {@code from} numbers behind the first. */
    public Operand<A> matrix(int from, int ld) {
      return Operand.of(values, at + from, ld);
    }
  }

  /** In float32, for at most {@code capacity} rows. */
  public static Tile<float[]> singles(String backend, int capacity) {
    return new SingleTile(DenseBackends.singleMatrices(backend), capacity);
  }

  /** In float64, for at most {@code capacity} rows. */
  public static Tile<double[]> doubles(String backend, int capacity) {
    return new DoubleTile(DenseBackends.doubleMatrices(backend), capacity);
  }

  /** Makes so many rows the tile. */
  public final void load(int rows) {
    count = rows;
  }

  /** Rows of the tile. */
  public final int count() {
    return base == null ? count : positions * base.count();
  }

  /** Room for so many columns of any tile. */
  public final A room(int width) {
    return allocate(capacity(width));
  }

  /** Numbers of so many columns of any tile. */
  public final int capacity(int width) {
    return TileMath.length(capacity, width);
  }

  /** An array of so many numbers, 0 at first. */
  public abstract A allocate(int length);

  /** Z = X C, or Z += X C. */
  public final void multiply(A x, int width, Operand<A> c, int k, A z, boolean add) {
    int n = count();
    matrices.product(n, k, width, Operand.of(x, 0, n), c, Operand.of(z, 0, n), add);
  }

  /** out = Xᵀ D, or out += Xᵀ D. */
  public final void transpose(A x, int width, A d, int k, Operand<A> out, boolean add) {
    int n = count();
    Operand<A> turned = Operand.of(x, 0, n).transpose();
    matrices.product(width, k, n, turned, Operand.of(d, 0, n), out, add);
  }

  /** Number i; slow, for what has no operation of its own. */
  public abstract double get(A a, int i);

  /** Writes number i; slow, for what has no operation of its own. */
  public abstract void set(A a, int i, double value);

  /**
   * Numbers that do not change as long as the tile lives.
   *
   * @return the same array, or a rounded copy, of which there is one for each array and {@code at}
   */
  public abstract Numbers<A> numbers(double[] v, int at, int length);

  /** The first columns of an array, in {@code room} unless the array itself will do. */
  public abstract A narrow(double[] a, int width, A room);

  /** The first columns in float64; not to be changed, for it may be the array itself. */
  public abstract double[] widen(A a, int width);

  /** Z = A C. */
  public abstract void multiply(RowProducts rows, Operand<A> c, int k, A z);

  /** out += Aᵀ D. */
  public abstract void addTransposed(RowProducts rows, A d, int k, double[] out, int at, int ld);

  /** out = Aᵀ D, p × k. */
  public abstract void transpose(RowProducts rows, int p, A d, int k, Operand<A> out);

  /** out += Xᵀ D. */
  public abstract void addTransposed(A x, int p, A d, int k, double[] out, int at, int ld);

  /** Adds a number to each of k columns; the next lies {@code from.ld()} behind. */
  public abstract void addToColumns(Operand<A> from, A z, int k);

  /** Σ of a column. */
  public abstract double sum(A a, int column);

  /** out = a ∘ b; out may be one of them. */
  public abstract void multiply(A a, A b, A out, int width);

  /** out = a + b; out may be one of them. */
  public abstract void add(A a, A b, A out, int width);

  /** y = max(z, 0), and its slope, which is 0 at 0. */
  public abstract void rectify(A z, A y, A slope, int width);

  /**
   * Makes a number that of a whole column, for k columns; the next lies {@code from.ld()} behind.
   */
  public abstract void fillColumns(Operand<A> from, A z, int k);

  /**
   * Adds each of k columns times a number of its own; the next number lies {@code by.ld()} behind.
   */
  public abstract void addScaledColumns(Operand<A> by, A a, A out, int k);

  /** For each row the sum of its numbers in some columns; overwritten. */
  public abstract void sumRows(A a, Columns of, double[] sums);

  /**
   * For each channel the sum over positions, times a number.
   *
   * @param a {@code positions} columns for each channel
   * @param out a column for each channel, overwritten
   */
  public final void sumPositions(A a, int positions, double scale, int channels, A out) {
    double[] sums = new double[count()];
    clear(out, channels);
    for (int c = 0; c < channels; c++) {
      sumRows(a, new Columns(c * positions, 1, positions), sums);
      for (int i = 0; i < sums.length; i++) {
        sums[i] *= scale;
      }
      addToRows(sums, out, new Columns(c, 1, 1));
    }
  }

  /** For each row the product of its numbers in some columns with those in as many others. */
  public abstract void multiplyRows(A a, Columns of, A b, Columns with, double[] products);

  /** Adds a number of each row to its numbers in some columns. */
  public abstract void addToRows(double[] numbers, A out, Columns to);

  /** Adds the numbers of each row in some columns, times a number of the row, to as many others. */
  public abstract void addScaledRows(double[] by, A a, Columns of, A out, Columns to);

  /** The first columns of out = 0. */
  public abstract void clear(A out, int width);

  /** Copies runs of columns; other columns of out stay. */
  public abstract void copy(A a, Runs runs, A out);

  /** out += scale · a over runs of columns. */
  public abstract void add(A a, Runs runs, double scale, A out);

  /**
   * The greatest number of several columns, the first one of equals.
   *
   * @param candidates as many columns of z for each column of y; {@link Runs#NONE} is none
   * @param chosen where the numbers of y lie in z
   */
  public abstract void maxima(A z, int[] candidates, A y, int width, int[] chosen);

  /** Number i of out = number chosen[i] of a. */
  public abstract void take(A a, int[] chosen, A out, int width);

  /**
   * Y += Σ over the taps of the shifted image, times the weights of the taps.
   *
   * @param weights taps × outputs, row after row
   * @param y a column for each place of each output, output by output
   */
  public abstract void addShifted(A image, Shifts shifts, A weights, int outputs, A y);

  /**
   * The transposed product: for each output and tap the sum over places and rows of the shifted
   * image times D.
   *
   * @param d a column for each place of each output, output by output
   * @param out taps × outputs, column after column; overwritten
   */
  public abstract void transposeShifted(A image, Shifts shifts, A d, int outputs, A out);

  /** Adds number i of a to number chosen[i] of out. */
  public abstract void giveBack(A a, int[] chosen, A out, int width);
}
