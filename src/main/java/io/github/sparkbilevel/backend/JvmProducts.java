package io.github.sparkbilevel.backend;

import io.github.sparkbilevel.block.DenseFeatures;

/**
 * Register-blocked loops over a float64 tile.
 *
 * <p>float32 rows are widened once per {@code load}, so one set of loops serves both precisions;
 * float64 rows are read in place.
 */
final class JvmProducts extends CheckedRowProducts {
  private final DenseFeatures features;
  private final double[] widened;
  private double[] a;
  private int start;

  JvmProducts(DenseFeatures features, int maxTileRows) {
    super(features.rows(), features.columns(), maxTileRows);
    this.features = features;
    this.widened =
        features.isSingle()
            ? new double[TileMath.length(tileCapacity(), features.columns())]
            : null;
  }

  @Override
  protected void loadTile(int from, int count) {
    int p = columns();
    start = from * p;
    a = features.doubles();
    if (features.isSingle()) {
      float[] singles = features.singles();
      for (int i = 0; i < count * p; i++) {
        widened[i] = singles[start + i];
      }
      a = widened;
      start = 0;
    }
  }

  @Override
  protected void multiplyTile(double[] c, int cOffset, int ldc, int k, double[] z) {
    int n = count();
    // Eight sums in registers: a dot product alone waits for its own additions.
    for (int i = 0; i < n; i += 2) {
      boolean pair = i + 1 < n;
      for (int j = 0; j < k; j += 4) {
        if (pair && j + 4 <= k) {
          dot2x4(i, c, cOffset + j * ldc, ldc, z, i + j * n, n);
        } else {
          for (int jj = j; jj < Math.min(j + 4, k); jj++) {
            z[i + jj * n] = dot(i, c, cOffset + jj * ldc);
            if (pair) {
              z[i + 1 + jj * n] = dot(i + 1, c, cOffset + jj * ldc);
            }
          }
        }
      }
    }
  }

  private void dot2x4(int row, double[] c, int c0, int ldc, double[] z, int zAt, int ldz) {
    int p = columns();
    int a0 = start + row * p;
    int a1 = a0 + p;
    int c1 = c0 + ldc;
    int c2 = c1 + ldc;
    int c3 = c2 + ldc;
    double s00 = 0;
    double s01 = 0;
    double s02 = 0;
    double s03 = 0;
    double s10 = 0;
    double s11 = 0;
    double s12 = 0;
    double s13 = 0;
    for (int t = 0; t < p; t++) {
      double x0 = a[a0 + t];
      double x1 = a[a1 + t];
      double y0 = c[c0 + t];
      double y1 = c[c1 + t];
      double y2 = c[c2 + t];
      double y3 = c[c3 + t];
      s00 += x0 * y0;
      s01 += x0 * y1;
      s02 += x0 * y2;
      s03 += x0 * y3;
      s10 += x1 * y0;
      s11 += x1 * y1;
      s12 += x1 * y2;
      s13 += x1 * y3;
    }
    z[zAt] = s00;
    z[zAt + ldz] = s01;
    z[zAt + 2 * ldz] = s02;
    z[zAt + 3 * ldz] = s03;
    z[zAt + 1] = s10;
    z[zAt + 1 + ldz] = s11;
    z[zAt + 1 + 2 * ldz] = s12;
    z[zAt + 1 + 3 * ldz] = s13;
  }

  private double dot(int row, double[] c, int c0) {
    int p = columns();
    int a0 = start + row * p;
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    int t = 0;
    for (; t + 4 <= p; t += 4) {
      s0 += a[a0 + t] * c[c0 + t];
      s1 += a[a0 + t + 1] * c[c0 + t + 1];
      s2 += a[a0 + t + 2] * c[c0 + t + 2];
      s3 += a[a0 + t + 3] * c[c0 + t + 3];
    }
    double sum = (s0 + s1) + (s2 + s3);
    for (; t < p; t++) {
      sum += a[a0 + t] * c[c0 + t];
    }
    return sum;
  }

  @Override
  protected void addTransposedTile(double[] r, int k, double[] out, int outOffset, int ldOut) {
    int n = count();
    int p = columns();
    int i = 0;
    // Rows outside, columns inside: four rows of A stay in L1 while every column takes them.
    for (; i + 4 <= n; i += 4) {
      int a0 = start + i * p;
      for (int j = 0; j < k; j++) {
        addRows4(a, a0, p, r, i + j * n, out, outOffset + j * ldOut);
      }
    }
    for (; i < n; i++) {
      int a0 = start + i * p;
      for (int j = 0; j < k; j++) {
        addRow(a, a0, p, r[i + j * n], out, outOffset + j * ldOut);
      }
    }
  }

  private static void addRows4(double[] a, int a0, int p, double[] r, int at, double[] out, int o) {
    double r0 = r[at];
    double r1 = r[at + 1];
    double r2 = r[at + 2];
    double r3 = r[at + 3];
    int a1 = a0 + p;
    int a2 = a1 + p;
    int a3 = a2 + p;
    for (int t = 0; t < p; t++) {
      out[o + t] += (r0 * a[a0 + t] + r1 * a[a1 + t]) + (r2 * a[a2 + t] + r3 * a[a3 + t]);
    }
  }

  private static void addRow(double[] a, int a0, int length, double r, double[] out, int o) {
    for (int t = 0; t < length; t++) {
      out[o + t] += r * a[a0 + t];
    }
  }

  @Override
  protected void addGramTile(double[] w, double[] out, int outOffset, int ldOut) {
    int n = count();
    int p = columns();
    double[] upper = new double[TileMath.length(p, p)];
    for (int i = 0; i < n; i++) {
      int row = start + i * p;
      for (int j = 0; j < p; j++) {
        addRow(a, row, j + 1, w[i] * a[row + j], upper, j * p);
      }
    }
    TileMath.addSymmetric(upper, p, out, outOffset, ldOut);
  }

  @Override
  protected void release() {}
}
