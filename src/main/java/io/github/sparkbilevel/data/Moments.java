package io.github.sparkbilevel.data;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Iterator;
import org.apache.spark.ml.linalg.Vector;

/**
 * Mean, deviation, minimum and maximum of each column, over rows with weights.
 *
 * <p>Made of exact sums of w, w x and w x², so the same rows give the same bits in any order and in
 * any partitions, and a row of weight 3 gives the bits of three rows of weight 1. Zeros are only
 * counted: a row costs as much as it has non-zeros, and a dense and a sparse copy of the same rows
 * give the same bits.
 */
final class Moments implements Serializable {
  private static final long serialVersionUID = 1L;

  private long rows;
  private final OrderFreeSums weights;
  private final long[] count;
  private final OrderFreeSums sums;
  private final OrderFreeSums squares;
  private final double[] min;
  private final double[] max;

  /** The first row with an entry that is not finite, or null. */
  private String badRow;

  private int badColumn;

  Moments(int columns) {
    weights = new OrderFreeSums(1);
    count = new long[columns];
    sums = new OrderFreeSums(columns);
    squares = new OrderFreeSums(columns);
    min = new double[columns];
    max = new double[columns];
    Arrays.fill(min, Double.POSITIVE_INFINITY);
    Arrays.fill(max, Double.NEGATIVE_INFINITY);
  }

  private Moments(Moments m, int from, int to) {
    rows = m.rows;
    weights = m.weights;
    count = Arrays.copyOfRange(m.count, from, to);
    sums = m.sums.slice(from, to);
    squares = m.squares.slice(from, to);
    min = Arrays.copyOfRange(m.min, from, to);
    max = Arrays.copyOfRange(m.max, from, to);
    badRow = m.badRow;
    badColumn = m.badColumn;
  }

  /**
   * The moments of some rows.
   *
   * @param exponent weights are divided by two to this power, so that no product overflows
   */
  static Moments of(Iterator<Example> rows, int columns, int exponent) {
    Moments moments = new Moments(columns);
    while (rows.hasNext()) {
      Example row = rows.next();
      moments.add(row, Math.scalb(row.weight(), -exponent));
    }
    return moments;
  }

  private void add(Example row, double w) {
    rows++;
    weights.addProduct(0, 1, w);
    Vector v = row.features();
    double[] values = Entries.values(v);
    int[] indices = Entries.indices(v);
    for (int k = 0; k < values.length; k++) {
      double x = values[k];
      if (x == 0) {
        continue;
      }
      int j = indices == null ? k : indices[k];
      if (Double.isFinite(x)) {
        addEntry(j, x, w);
      } else if (badRow == null) {
        badRow = row.displayId();
        badColumn = j;
      }
    }
  }

  /** Adds a row of one column, with its weight. */
  void add(double x, double w) {
    rows++;
    weights.addProduct(0, 1, w);
    if (x != 0) {
      addEntry(0, x, w);
    }
  }

  private void addEntry(int j, double x, double w) {
    count[j]++;
    sums.addProduct(j, w, x);
    squares.addWeightedSquare(j, w, x);
    if (x < min[j]) {
      min[j] = x;
    }
    if (x > max[j]) {
      max[j] = x;
    }
  }

  /** Adds other rows of the same columns. */
  void merge(Moments b) {
    rows += b.rows;
    weights.merge(b.weights);
    if (badRow == null) {
      badRow = b.badRow;
      badColumn = b.badColumn;
    }
    sums.merge(b.sums);
    squares.merge(b.squares);
    for (int j = 0; j < count.length; j++) {
      count[j] += b.count[j];
      min[j] = Math.min(min[j], b.min[j]);
      max[j] = Math.max(max[j], b.max[j]);
    }
  }

  /** Some of the columns. */
  Moments slice(int from, int to) {
    return new Moments(this, from, to);
  }

  /** Copies the columns of {@code part} to {@code from} and the ones after it. */
  void put(int from, Moments part) {
    rows = part.rows;
    weights.put(0, part.weights);
    int n = part.count.length;
    System.arraycopy(part.count, 0, count, from, n);
    sums.put(from, part.sums);
    squares.put(from, part.squares);
    System.arraycopy(part.min, 0, min, from, n);
    System.arraycopy(part.max, 0, max, from, n);
    badRow = part.badRow;
    badColumn = part.badColumn;
  }

  int columns() {
    return count.length;
  }

  String badRow() {
    return badRow;
  }

  int badColumn() {
    return badColumn;
  }

  /** Weighted mean of column {@code j} over all rows, zeros included; 0 without weights. */
  double mean(int j) {
    double w = weights.sumOfProducts(0);
    return w == 0 ? 0 : sums.sumOfProducts(j) / w;
  }

  /**
   * Weighted population standard deviation of column {@code j}, zeros included; exactly 0 if
   * constant, not finite if it overflows.
   */
  double deviation(int j) {
    if (isConstant(j)) {
      return 0;
    }
    if (!Double.isFinite(min[j] * min[j]) || !Double.isFinite(max[j] * max[j])) {
      return Double.POSITIVE_INFINITY;
    }
    return Math.sqrt(OrderFreeSums.variance(weights, sums, squares, j));
  }

  /** The least entry of column {@code j}, zeros included. */
  double min(int j) {
    return count[j] < rows ? Math.min(0, min[j]) : min[j];
  }

  /** The largest entry of column {@code j}, zeros included. */
  double max(int j) {
    return count[j] < rows ? Math.max(0, max[j]) : max[j];
  }

  boolean isConstant(int j) {
    return count[j] == 0 || count[j] == rows && min[j] == max[j];
  }
}
