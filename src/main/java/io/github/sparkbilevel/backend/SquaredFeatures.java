package io.github.sparkbilevel.backend;

import io.github.sparkbilevel.block.CsrFeatures;
import io.github.sparkbilevel.block.DenseFeatures;
import io.github.sparkbilevel.block.Features;

/** Products with the squares of the features, which no matrix kernel offers. */
public final class SquaredFeatures {
  private SquaredFeatures() {}

  /**
   * out_j += Σ_i w_i a_ij², in float64.
   *
   * @param w one number for each row
   * @param out p numbers from {@code at} on
   */
  public static void addTransposed(Features features, double[] w, double[] out, int at) {
    if (features instanceof DenseFeatures dense) {
      addDense(dense, w, out, at);
    } else {
      addSparse((CsrFeatures) features, w, out, at);
    }
  }

  private static void addDense(DenseFeatures a, double[] w, double[] out, int at) {
    int p = a.columns();
    for (int i = 0; i < w.length; i++) {
      int row = i * p;
      if (a.isSingle()) {
        for (int j = 0; j < p; j++) {
          double value = a.singles()[row + j];
          out[at + j] += w[i] * value * value;
        }
      } else {
        for (int j = 0; j < p; j++) {
          double value = a.doubles()[row + j];
          out[at + j] += w[i] * value * value;
        }
      }
    }
  }

  /** (s_ij − m_j)² = s_ij² − 2 s_ij m_j + m_j², of which only the last term is there for all i. */
  private static void addSparse(CsrFeatures a, double[] w, double[] out, int at) {
    double[] shift = a.shift();
    double total = 0;
    for (int i = 0; i < w.length; i++) {
      total += w[i];
      for (int e = a.rowStart()[i]; e < a.rowStart()[i + 1]; e++) {
        int j = a.indices()[e];
        double value = a.values()[e];
        double twice = shift == null ? 0 : 2 * shift[j];
        out[at + j] += w[i] * value * (value - twice);
      }
    }
    if (shift != null) {
      for (int j = 0; j < shift.length; j++) {
        out[at + j] += total * shift[j] * shift[j];
      }
    }
  }
}
