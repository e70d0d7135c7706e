package io.github.sparkbilevel.backend;

import io.github.sparkbilevel.block.CsrFeatures;

/**
 * Products with sparse rows, of which a subclass computes those with S: the matrix is {@code A = S
 * − 1 sᵀ} with the shift s, and is never formed.
 *
 * <p>{@code A C = S C − 1 (sᵀC)} and {@code Aᵀ R = SᵀR − s (1ᵀR)}. A shift costs p·k per tile and k
 * per row: large tiles are better.
 */
public abstract class SparseProducts extends CheckedRowProducts {
  private final double[] shift;

  /**
   * Products with a block.
   *
   * @param maxTileRows the most rows a tile will have, at least 1
   */
  protected SparseProducts(CsrFeatures features, int maxTileRows) {
    super(features.rows(), features.columns(), maxTileRows);
    this.shift = features.shift();
  }

  /** Z = S C. */
  protected abstract void multiplyStored(double[] c, int cOffset, int ldc, int k, double[] z);

  /** out += Sᵀ R. */
  protected abstract void addTransposedStored(
      double[] r, int k, double[] out, int outOffset, int ldOut);

  /** out += Sᵀ diag(w) S; what is added is symmetric to the bit. */
  protected abstract void addGramStored(double[] w, double[] out, int outOffset, int ldOut);

  @Override
  protected final void multiplyTile(double[] c, int cOffset, int ldc, int k, double[] z) {
    multiplyStored(c, cOffset, ldc, k, z);
    int n = count();
    for (int j = 0; j < k && shift != null; j++) {
      double taken = taken(c, cOffset + j * ldc);
      for (int i = j * n; i < (j + 1) * n; i++) {
        z[i] -= taken;
      }
    }
  }

  /** Whether there is a shift. */
  protected final boolean isShifted() {
    return shift != null;
  }

  /** sᵀc for a column that begins at an offset. */
  protected final double taken(double[] c, int at) {
    double taken = 0;
    for (int t = 0; isShifted() && t < shift.length; t++) {
      taken += shift[t] * c[at + t];
    }
    return taken;
  }

  /** out −= s total, from an offset on. */
  protected final void take(double total, double[] out, int at) {
    for (int t = 0; isShifted() && t < shift.length; t++) {
      out[at + t] -= total * shift[t];
    }
  }

  @Override
  protected final void addTransposedTile(
      double[] r, int k, double[] out, int outOffset, int ldOut) {
    addTransposedStored(r, k, out, outOffset, ldOut);
    int n = count();
    for (int j = 0; j < k && isShifted(); j++) {
      double total = 0;
      for (int i = j * n; i < (j + 1) * n; i++) {
        total += r[i];
      }
      take(total, out, outOffset + j * ldOut);
    }
  }

  /** {@code Aᵀ W A = SᵀWS − s uᵀ − u sᵀ + (1ᵀw) s sᵀ} with {@code u = Sᵀ w}. */
  @Override
  protected final void addGramTile(double[] w, double[] out, int outOffset, int ldOut) {
    addGramStored(w, out, outOffset, ldOut);
    if (shift != null) {
      addGramOfShift(w, out, outOffset, ldOut);
    }
  }

  private void addGramOfShift(double[] w, double[] out, int outOffset, int ldOut) {
    int n = count();
    int p = columns();
    double[] u = new double[p];
    addTransposedStored(w, 1, u, 0, p);
    double total = 0;
    for (int i = 0; i < n; i++) {
      total += w[i];
    }
    for (int j = 0; j < p; j++) {
      for (int t = 0; t < p; t++) {
        // Each product pairs the same two numbers for (t, j) and (j, t), so the bits agree too.
        double crossed = shift[t] * u[j] + u[t] * shift[j];
        out[outOffset + t + j * ldOut] += total * (shift[t] * shift[j]) - crossed;
      }
    }
  }
}
