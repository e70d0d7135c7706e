package io.github.sparkbilevel.problem.oracle;

/**
 * Size of the row hypergradients h_i = n ∂Φ/∂λ_i.
 *
 * @param rootMeanSquare root of Σ w_i (h_i / w_i)² / Σ w_i: what a row of base weight 1 has
 * @param norm ‖∂Φ/∂λ‖ over the rows
 */
public record RowGradientNorms(double rootMeanSquare, double norm) {

  /** Σ h² / w, Σ h², Σ w, rows. */
  static final int SUMS = 4;

  static void add(double h, double w, double[] sums, int at) {
    sums[at] += w > 0 ? h * h / w : 0;
    sums[at + 1] += h * h;
    sums[at + 2] += w;
    sums[at + 3] += 1;
  }

  static RowGradientNorms read(double[] sums, int at) {
    double rows = sums[at + 3];
    if (rows == 0 || sums[at + 2] == 0) {
      return new RowGradientNorms(0, 0);
    }
    return new RowGradientNorms(
        Math.sqrt(sums[at] / sums[at + 2]), Math.sqrt(sums[at + 1] / rows) / Math.sqrt(rows));
  }
}
