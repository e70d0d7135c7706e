package io.github.sparkbilevel.data;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Iterator;
import org.apache.spark.ml.linalg.Vector;

/**
 * Mean, sum of squared deviations, minimum and maximum of the non-zero entries of each column.
 *
 * <p>Welford's update per entry and Chan's merge of two sets (Chan, Golub, LeVeque, 1983):
 *
 * <pre>
 *   δ = m_b − m_a,   m = m_a + δ n_b/n,   S = S_a + S_b + δ² n_a n_b/n.
 * </pre>
 *
 * Zeros are left out and merged once at the end, as a set of n − c entries with mean and S of 0: a
 * row costs as much as it has non-zeros, and a dense and a sparse copy of the same rows give the
 * same bits.
 */
final class Moments implements Serializable {
  private static final long serialVersionUID = 1L;

  private long rows;
  private final long[] count;
  private final double[] mean;
  private final double[] squares;
  private final double[] min;
  private final double[] max;

  /** The first row with an entry that is not finite, or null. */
  private String badRow;

  private int badColumn;

  Moments(int columns) {
    count = new long[columns];
    mean = new double[columns];
    squares = new double[columns];
    min = new double[columns];
    max = new double[columns];
    Arrays.fill(min, Double.POSITIVE_INFINITY);
    Arrays.fill(max, Double.NEGATIVE_INFINITY);
  }

  private Moments(Moments m, int from, int to) {
    rows = m.rows;
    count = Arrays.copyOfRange(m.count, from, to);
    mean = Arrays.copyOfRange(m.mean, from, to);
    squares = Arrays.copyOfRange(m.squares, from, to);
    min = Arrays.copyOfRange(m.min, from, to);
    max = Arrays.copyOfRange(m.max, from, to);
    badRow = m.badRow;
    badColumn = m.badColumn;
  }

  /** The moments of some rows. */
  static Moments of(Iterator<Example> rows, int columns) {
    Moments moments = new Moments(columns);
    while (rows.hasNext()) {
      moments.add(rows.next());
    }
    return moments;
  }

  private void add(Example row) {
    rows++;
    Vector v = row.features();
    double[] values = Entries.values(v);
    int[] indices = Entries.indices(v);
    for (int k = 0; k < values.length; k++) {
      double x = values[k];
      if (x == 0) {
        continue;
      }
      int j = indices == null ? k : indices[k];
      if (!Double.isFinite(x)) {
        if (badRow == null) {
          badRow = row.displayId();
          badColumn = j;
        }
        continue;
      }
      double delta = x - mean[j];
      mean[j] += delta / ++count[j];
      squares[j] += delta * (x - mean[j]);
      if (x < min[j]) {
        min[j] = x;
      }
      if (x > max[j]) {
        max[j] = x;
      }
    }
  }

  /** Adds other rows of the same columns. */
  void merge(Moments b) {
    rows += b.rows;
    if (badRow == null) {
      badRow = b.badRow;
      badColumn = b.badColumn;
    }
    for (int j = 0; j < count.length; j++) {
      if (b.count[j] == 0) {
        continue;
      }
      double n = count[j] + b.count[j];
      double delta = b.mean[j] - mean[j];
      mean[j] += delta * (b.count[j] / n);
      squares[j] += b.squares[j] + delta * delta * (count[j] * (b.count[j] / n));
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
    int n = part.count.length;
    System.arraycopy(part.count, 0, count, from, n);
    System.arraycopy(part.mean, 0, mean, from, n);
    System.arraycopy(part.squares, 0, squares, from, n);
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

  /** Mean of column {@code j} over all rows, zeros included. */
  double mean(int j) {
    return rows == 0 ? 0 : mean[j] * ((double) count[j] / rows);
  }

  /**
   * Population standard deviation of column {@code j}, zeros included; exactly 0 if constant, not
   * finite if it overflows.
   */
  double deviation(int j) {
    if (isConstant(j)) {
      return 0;
    }
    double c = count[j];
    double zeros = rows - count[j];
    double all = squares[j] + mean[j] * mean[j] * (c * (zeros / rows));
    return Math.sqrt(all / rows);
  }

  /** The least entry of column {@code j} that is not 0. */
  double min(int j) {
    return min[j];
  }

  /** The largest entry of column {@code j} that is not 0. */
  double max(int j) {
    return max[j];
  }

  private boolean isConstant(int j) {
    return count[j] == 0 || count[j] == rows && min[j] == max[j];
  }
}
