package io.github.sparkbilevel.linalg;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A column of a matrix that is, but for rounding, a combination of columns before it.
 *
 * @param column the column that depends on the others
 * @param others the columns that it is made of, rising
 */
public record LinearDependence(int column, List<Integer> others) {
  /** 1 − R² of a column on those before it, below which it depends on them. */
  private static final double LEAST_PIVOT = 1e-11;

  /** Columns that make up less than this share of the largest part are not named. */
  private static final double LEAST_SHARE = 1e-3;

  /**
   * The first column that depends on those before it, found by a Cholesky factorisation of the Gram
   * matrix at unit diagonal: its pivot is 1 − R².
   *
   * @param gram XᵀX, n × n, column-major, with a positive diagonal; not changed
   */
  public static Optional<LinearDependence> first(double[] gram, int n) {
    double[][] lower = new double[n][];
    for (int j = 0; j < n; j++) {
      double[] row = new double[j + 1];
      double pivot = 1;
      for (int k = 0; k < j; k++) {
        double value = gram[j + k * n] / Math.sqrt(gram[j + j * n]) / Math.sqrt(gram[k + k * n]);
        for (int i = 0; i < k; i++) {
          value -= row[i] * lower[k][i];
        }
        row[k] = value / lower[k][k];
        pivot -= row[k] * row[k];
      }
      if (pivot <= LEAST_PIVOT) {
        return Optional.of(new LinearDependence(j, parts(lower, row, j)));
      }
      row[j] = Math.sqrt(pivot);
      lower[j] = row;
    }
    return Optional.empty();
  }

  /** The columns k whose coefficients a_k count, where Lᵀ a = {@code row}. */
  private static List<Integer> parts(double[][] lower, double[] row, int n) {
    double[] a = new double[n];
    double largest = 0;
    for (int k = n - 1; k >= 0; k--) {
      double value = row[k];
      for (int i = k + 1; i < n; i++) {
        value -= lower[i][k] * a[i];
      }
      a[k] = value / lower[k][k];
      largest = Math.max(largest, Math.abs(a[k]));
    }
    List<Integer> parts = new ArrayList<>();
    for (int k = 0; k < n; k++) {
      if (Math.abs(a[k]) > LEAST_SHARE * largest) {
        parts.add(k);
      }
    }
    return parts;
  }
}
