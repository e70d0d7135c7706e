package io.github.sparkbilevel.backend;

import dev.ludovic.netlib.blas.BLAS;
import io.github.sparkbilevel.block.DenseFeatures;

/**
 * float32 products by netlib; M, the rows read column-major, is p × count and A = Mᵀ.
 *
 * <p>The block's array goes to BLAS with an offset; float64 operands pass through float32 scratch.
 */
final class NetlibSingleProducts extends CheckedRowProducts {
  // Panels of the Gram matrix that lie above the diagonal; wide enough for gemm to reach its speed.
  private static final int PANEL = 128;

  private final BLAS blas;
  private final int gemvColumns;
  private final float[] rows;
  private int start;
  private float[] tall = new float[0];
  private float[] wide = new float[0];
  private float[] scaled = new float[0];

  NetlibSingleProducts(BLAS blas, DenseFeatures features, int maxTileRows) {
    super(features.rows(), features.columns(), maxTileRows);
    this.blas = blas;
    this.gemvColumns = NetlibBackend.gemvColumns(blas);
    this.rows = features.singles();
  }

  @Override
  protected void loadTile(int from, int count) {
    start = from * columns();
  }

  @Override
  protected void multiplyTile(double[] c, int cOffset, int ldc, int k, double[] z) {
    int p = columns();
    wide = TileMath.ensure(wide, TileMath.length(p, k));
    tall = TileMath.ensure(tall, TileMath.length(count(), k));
    TileMath.pack(c, cOffset, ldc, p, k, wide);
    multiplyTile(wide, 0, p, k, tall);
    Precision.widen(tall, 0, z, 0, count() * k);
  }

  @Override
  protected void multiplyTile(float[] c, int cOffset, int ldc, int k, float[] z) {
    int n = count();
    int p = columns();
    if (k <= gemvColumns) {
      for (int j = 0; j < k; j++) {
        blas.sgemv("T", p, n, 1f, rows, start, p, c, cOffset + j * ldc, 1, 0f, z, j * n, 1);
      }
    } else {
      blas.sgemm("T", "N", n, k, p, 1f, rows, start, p, c, cOffset, ldc, 0f, z, 0, n);
    }
  }

  @Override
  protected void addTransposedTile(double[] r, int k, double[] out, int outOffset, int ldOut) {
    int n = count();
    tall = TileMath.ensure(tall, TileMath.length(n, k));
    TileMath.pack(r, 0, n, n, k, tall);
    addTransposedTile(tall, k, out, outOffset, ldOut);
  }

  @Override
  protected void addTransposedTile(float[] r, int k, double[] out, int outOffset, int ldOut) {
    int p = columns();
    wide = TileMath.ensure(wide, TileMath.length(p, k));
    transposeTile(r, k, wide, 0, p);
    TileMath.add(wide, p, k, out, outOffset, ldOut);
  }

  @Override
  protected void transposeTile(float[] r, int k, float[] out, int outOffset, int ldOut) {
    int n = count();
    int p = columns();
    if (k <= gemvColumns) {
      for (int j = 0; j < k; j++) {
        blas.sgemv("N", p, n, 1f, rows, start, p, r, j * n, 1, 0f, out, outOffset + j * ldOut, 1);
      }
    } else {
      blas.sgemm("N", "N", p, k, n, 1f, rows, start, p, r, 0, n, 0f, out, outOffset, ldOut);
    }
  }

  @Override
  protected void addGramTile(double[] w, double[] out, int outOffset, int ldOut) {
    int n = count();
    int p = columns();
    scaled = TileMath.ensure(scaled, TileMath.length(p, n));
    wide = TileMath.ensure(wide, TileMath.length(p, p));
    for (int i = 0; i < n; i++) {
      float weight = (float) w[i];
      int at = i * p;
      for (int t = 0; t < p; t++) {
        scaled[at + t] = weight * rows[start + at + t];
      }
    }
    for (int j = 0; j < p; j += PANEL) {
      int width = Math.min(PANEL, p - j);
      blas.sgemm(
          "N", "T", j + width, width, n, 1f, scaled, 0, p, rows, start + j, p, 0f, wide, j * p, p);
    }
    TileMath.addSymmetric(wide, p, out, outOffset, ldOut);
  }

  @Override
  protected void release() {
    tall = null;
    wide = null;
    scaled = null;
  }
}
