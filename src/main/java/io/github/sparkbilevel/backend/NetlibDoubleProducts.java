package io.github.sparkbilevel.backend;

import dev.ludovic.netlib.blas.BLAS;
import io.github.sparkbilevel.block.DenseFeatures;

/**
 * float64 products by netlib; M, the rows read column-major, is p × count and A = Mᵀ.
 *
 * <p>Nothing is copied, except for the weighted rows of {@code addGram}.
 */
final class NetlibDoubleProducts extends CheckedRowProducts {
  private static final int PANEL = 128;

  private final BLAS blas;
  private final int gemvColumns;
  private final double[] rows;
  private int start;
  private double[] square = new double[0];
  private double[] scaled = new double[0];

  NetlibDoubleProducts(BLAS blas, DenseFeatures features, int maxTileRows) {
    super(features.rows(), features.columns(), maxTileRows);
    this.blas = blas;
    this.gemvColumns = NetlibBackend.gemvColumns(blas);
    this.rows = features.doubles();
  }

  @Override
  protected void loadTile(int from, int count) {
    start = from * columns();
  }

  @Override
  protected void multiplyTile(double[] c, int cOffset, int ldc, int k, double[] z) {
    int n = count();
    int p = columns();
    if (k <= gemvColumns) {
      for (int j = 0; j < k; j++) {
        blas.dgemv("T", p, n, 1.0, rows, start, p, c, cOffset + j * ldc, 1, 0.0, z, j * n, 1);
      }
    } else {
      blas.dgemm("T", "N", n, k, p, 1.0, rows, start, p, c, cOffset, ldc, 0.0, z, 0, n);
    }
  }

  @Override
  protected void addTransposedTile(double[] r, int k, double[] out, int outOffset, int ldOut) {
    int n = count();
    int p = columns();
    if (k <= gemvColumns) {
      for (int j = 0; j < k; j++) {
        int at = outOffset + j * ldOut;
        blas.dgemv("N", p, n, 1.0, rows, start, p, r, j * n, 1, 1.0, out, at, 1);
      }
    } else {
      blas.dgemm("N", "N", p, k, n, 1.0, rows, start, p, r, 0, n, 1.0, out, outOffset, ldOut);
    }
  }

  @Override
  protected void addGramTile(double[] w, double[] out, int outOffset, int ldOut) {
    int n = count();
    int p = columns();
    scaled = TileMath.ensure(scaled, TileMath.length(p, n));
    square = TileMath.ensure(square, TileMath.length(p, p));
    for (int i = 0; i < n; i++) {
      int at = i * p;
      for (int t = 0; t < p; t++) {
        scaled[at + t] = w[i] * rows[start + at + t];
      }
    }
    for (int j = 0; j < p; j += PANEL) {
      int width = Math.min(PANEL, p - j);
      blas.dgemm(
          "N", "T", j + width, width, n, 1.0, scaled, 0, p, rows, start + j, p, 0.0, square, j * p,
          p);
    }
    TileMath.addSymmetric(square, p, out, outOffset, ldOut);
  }

  @Override
  protected void release() {
    square = null;
    scaled = null;
  }
}
