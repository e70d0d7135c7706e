package io.github.sparkbilevel.backend;

import io.github.sparkbilevel.block.CsrFeatures;
import io.github.sparkbilevel.block.DenseFeatures;
import io.github.sparkbilevel.block.Features;
import io.github.sparkbilevel.block.PanelFeatures;

/**
 * Products with the squares of the features, which no matrix kernel offers.
 *
 * <p>Each sum takes the rows in their order, whichever loop runs: the bits do not depend on it.
 */
public final class SquaredFeatures {
  // Numbers of a tile of dense rows, which stays in the cache for all columns.
  private static final int TILE = 8192;

  private SquaredFeatures() {}

  /**
   * out_jk += Σ_i w_ik a_ij², in float64.
   *
   * @param w n × k, row-major
   * @param out p × k, column-major with leading dimension {@code ld}, from {@code at} on
   */
  public static void addTransposed(
      Features features, double[] w, int k, double[] out, int at, int ld) {
    if (features instanceof DenseFeatures dense) {
      addDense(dense, w, k, out, at, ld);
    } else if (features instanceof PanelFeatures panels) {
      addPanels(panels, w, k, out, at, ld);
    } else {
      addSparse((CsrFeatures) features, w, k, out, at, ld);
    }
  }

  private static void addDense(DenseFeatures a, double[] w, int k, double[] out, int at, int ld) {
    int p = a.columns();
    int tile = Math.max(1, TILE / Math.max(1, p));
    for (int from = 0; from < a.rows(); from += tile) {
      int to = Math.min(from + tile, a.rows());
      for (int c = 0; c < k; c++) {
        for (int i = from; i < to; i++) {
          if (a.isSingle()) {
            addRow(a.singles(), i * p, p, w[i * k + c], out, at + c * ld);
          } else {
            addRow(a.doubles(), i * p, p, w[i * k + c], out, at + c * ld);
          }
        }
      }
    }
  }

  private static void addPanels(PanelFeatures a, double[] w, int k, double[] out, int at, int ld) {
    float[] values = a.values();
    int height = a.panelRows();
    for (int from = 0; from < a.rows(); from += height) {
      int until = Math.min(a.rows(), from + height);
      for (int j = 0; j < a.columns(); j++) {
        int column = a.start(from) + j * a.stride(from) - from;
        for (int c = 0; c < k; c++) {
          double sum = out[at + c * ld + j];
          for (int i = from; i < until; i++) {
            double value = values[column + i];
            sum += w[i * k + c] * value * value;
          }
          out[at + c * ld + j] = sum;
        }
      }
    }
  }

  private static void addRow(float[] a, int row, int p, double w, double[] out, int at) {
    for (int j = 0; j < p; j++) {
      double value = a[row + j];
      out[at + j] += w * value * value;
    }
  }

  private static void addRow(double[] a, int row, int p, double w, double[] out, int at) {
    for (int j = 0; j < p; j++) {
      double value = a[row + j];
      out[at + j] += w * value * value;
    }
  }

  /** (s_ij − m_j)² = s_ij² − 2 s_ij m_j + m_j², of which only the last term is there for all i. */
  private static void addSparse(CsrFeatures a, double[] w, int k, double[] out, int at, int ld) {
    int n = a.rows();
    if (k > 1 && a.rowStart()[n] >= a.columns()) {
      addSparseTurned(a, w, k, out, at, ld);
    } else {
      addSparseStrided(a, w, k, out, at, ld);
    }
    double[] shift = a.shift();
    if (shift != null) {
      for (int c = 0; c < k; c++) {
        double total = 0;
        for (int i = 0; i < n; i++) {
          total += w[i * k + c];
        }
        for (int j = 0; j < shift.length; j++) {
          out[at + c * ld + j] += total * shift[j] * shift[j];
        }
      }
    }
  }

  /** Through a p × k copy of the sums, row-major: the k sums of a feature lie side by side. */
  private static void addSparseTurned(
      CsrFeatures a, double[] w, int k, double[] out, int at, int ld) {
    int p = a.columns();
    double[] byFeature = new double[TileMath.length(p, k)];
    TileMath.turn(out, at, ld, p, k, byFeature);
    double[] shift = a.shift();
    for (int i = 0; i < a.rows(); i++) {
      for (int e = a.rowStart()[i]; e < a.rowStart()[i + 1]; e++) {
        int j = a.indices()[e];
        double value = a.values()[e];
        double other = shift == null ? value : value - 2 * shift[j];
        for (int c = 0; c < k; c++) {
          byFeature[j * k + c] += w[i * k + c] * value * other;
        }
      }
    }
    TileMath.turnBack(byFeature, p, k, out, at, ld);
  }

  private static void addSparseStrided(
      CsrFeatures a, double[] w, int k, double[] out, int at, int ld) {
    double[] shift = a.shift();
    for (int c = 0; c < k; c++) {
      for (int i = 0; i < a.rows(); i++) {
        for (int e = a.rowStart()[i]; e < a.rowStart()[i + 1]; e++) {
          int j = a.indices()[e];
          double value = a.values()[e];
          double other = shift == null ? value : value - 2 * shift[j];
          out[at + c * ld + j] += w[i * k + c] * value * other;
        }
      }
    }
  }
}
