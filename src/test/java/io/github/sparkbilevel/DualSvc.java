package io.github.sparkbilevel;

/**
 * argmin Σ_i a_i max(0, 1 − y_i wᵀx_i)² + ½ Σ_j c_j w_j² by coordinate descent on the dual, as
 * liblinear does (Hsieh et al., ICML 2008): min ½ αᵀ(Q + D)α − Σ α, α ≥ 0, with Q of features over
 * √c and D = diag(1 / 2a).
 */
public final class DualSvc {
  private DualSvc() {}

  /**
   * w, to the last digits.
   *
   * @param y labels −1 and 1
   * @param a weights of rows, greater than 0
   * @param c penalties, greater than 0
   */
  public static double[] solve(double[][] x, double[] y, double[] a, double[] c) {
    double[] alpha = new double[y.length];
    double[] w = new double[c.length];
    double moved = 1;
    for (int sweep = 0; sweep < 200_000 && moved > 1e-15; sweep++) {
      moved = 0;
      for (int i = 0; i < y.length; i++) {
        double z = 0;
        double q = 1 / (2 * a[i]);
        for (int j = 0; j < c.length; j++) {
          z += w[j] * x[i][j];
          q += x[i][j] * x[i][j] / c[j];
        }
        double slope = y[i] * z - 1 + alpha[i] / (2 * a[i]);
        double next = Math.max(0, alpha[i] - slope / q);
        for (int j = 0; j < c.length; j++) {
          w[j] += (next - alpha[i]) * y[i] * x[i][j] / c[j];
        }
        moved = Math.max(moved, Math.abs(next - alpha[i]) / (1 + next));
        alpha[i] = next;
      }
    }
    return w;
  }

  /** Σ_i a_i max(0, 1 − y_i wᵀx_i)². */
  public static double loss(double[][] x, double[] y, double[] a, double[] w) {
    double sum = 0;
    for (int i = 0; i < y.length; i++) {
      double z = 0;
      for (int j = 0; j < w.length; j++) {
        z += w[j] * x[i][j];
      }
      double h = Math.max(0, 1 - y[i] * z);
      sum += a[i] * h * h;
    }
    return sum;
  }
}
