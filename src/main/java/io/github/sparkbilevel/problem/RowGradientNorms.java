package io.github.sparkbilevel.problem;

/**
 * Size of the row hypergradients h_i = n ∂Φ/∂λ_i.
 *
 * @param meanAbs mean of |h_i|
 * @param rootMeanSquare root of the mean of h_i²
 * @param rows number of rows n
 */
public record RowGradientNorms(double meanAbs, double rootMeanSquare, long rows) {

  static final int SUMS = 3;

  static void add(double h, double[] sums, int at) {
    sums[at] += Math.abs(h);
    sums[at + 1] += h * h;
    sums[at + 2] += 1;
  }

  static RowGradientNorms read(double[] sums, int at) {
    double n = Math.max(1, sums[at + 2]);
    return new RowGradientNorms(sums[at] / n, Math.sqrt(sums[at + 1] / n), (long) sums[at + 2]);
  }

  /** ‖∂Φ/∂λ‖ over the rows. */
  public double norm() {
    return rows == 0 ? 0 : rootMeanSquare / Math.sqrt((double) rows);
  }
}
