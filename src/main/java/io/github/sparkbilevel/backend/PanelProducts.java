package io.github.sparkbilevel.backend;

import io.github.sparkbilevel.backend.MatrixProducts.Operand;
import io.github.sparkbilevel.block.PanelFeatures;
import java.util.Arrays;

/**
 * float32 products with rows in panels: a tile is one panel.
 *
 * <p>Products with few columns are loops of our own. Their sums over rows are float32 within
 * {@value #MOST_ROWS} rows, in sixteen parts, and float64 beyond; {@link #gather} keeps the parts
 * from tile to tile, so that adding them up costs next to nothing. Gram matrices and products with
 * many columns are those of a matrix library.
 */
final class PanelProducts extends CheckedRowProducts {
  /** Rows whose sums are float32. */
  private static final int MOST_ROWS = 4096;

  private final PanelFeatures features;
  private final PanelKernels kernels = PanelKernels.best();
  private final MatrixProducts<float[]> matrices;
  private int start;
  private int stride;
  private float[] operand = new float[0];
  private float[] tall = new float[0];
  private float[] scaled = new float[0];
  private float[] square = new float[0];

  private float[] parts = new float[0];
  private Target target;
  private int gathered;

  /** Where gathered sums go. */
  private record Target(double[] out, int at, int ld, int k) {
    boolean is(double[] other, int otherAt, int otherLd, int otherK) {
      return out == other && at == otherAt && ld == otherLd && k == otherK;
    }
  }

  PanelProducts(PanelFeatures features, MatrixProducts<float[]> matrices) {
    super(features.rows(), features.columns(), features.panelRows());
    this.features = features;
    this.matrices = matrices;
  }

  @Override
  protected void loadTile(int from, int count) {
    if (from % features.panelRows() != 0
        || count != Math.min(features.panelRows(), features.rows() - from)) {
      throw new IllegalArgumentException(
          "got a tile of %d rows from row %d, expected a panel: %d rows from a multiple of that"
              .formatted(count, from, features.panelRows()));
    }
    start = features.start(from);
    stride = features.stride(from);
  }

  @Override
  protected void multiplyTile(double[] c, int cOffset, int ldc, int k, double[] z) {
    int p = columns();
    operand = TileMath.ensure(operand, TileMath.length(p, k));
    for (int j = 0; j < k; j++) {
      for (int t = 0; t < p; t++) {
        operand[t * k + j] = (float) c[cOffset + j * ldc + t];
      }
    }
    tall = TileMath.ensure(tall, TileMath.length(stride, k));
    kernels.multiply(
        features.values(), start, stride, new PanelKernels.Operand(operand, p, k), tall);
    int n = count();
    for (int j = 0; j < k; j++) {
      Precision.widen(tall, j * stride, z, j * n, n);
    }
  }

  @Override
  protected void addTransposedTile(double[] r, int k, double[] out, int outOffset, int ldOut) {
    flush();
    gatherTile(r, k, out, outOffset, ldOut);
    flush();
  }

  @Override
  protected void gatherTile(double[] r, int k, double[] out, int outOffset, int ldOut) {
    int n = count();
    int p = columns();
    if (target == null || !target.is(out, outOffset, ldOut, k) || gathered + n > MOST_ROWS) {
      flush();
      target = new Target(out, outOffset, ldOut, k);
      int length = TileMath.length(p, k * PanelKernels.PARTS);
      if (parts.length < length) {
        parts = new float[length];
      } else {
        Arrays.fill(parts, 0, length, 0f);
      }
    }
    tall = TileMath.ensure(tall, TileMath.length(stride, k));
    for (int j = 0; j < k; j++) {
      Precision.narrow(r, j * n, tall, j * stride, n);
      Arrays.fill(tall, j * stride + n, (j + 1) * stride, 0f);
    }
    kernels.addTransposed(
        features.values(), start, stride, tall, new PanelKernels.Operand(parts, p, k));
    gathered += n;
  }

  /** Adds the parts of each sum in a fixed tree. */
  private void flush() {
    if (target == null) {
      return;
    }
    int k = target.k();
    for (int t = 0; t < columns(); t++) {
      for (int j = 0; j < k; j++) {
        int at = (t * k + j) * PanelKernels.PARTS;
        for (int half = PanelKernels.PARTS / 2; half > 0; half /= 2) {
          for (int part = 0; part < half; part++) {
            parts[at + part] += parts[at + part + half];
          }
        }
        target.out()[target.at() + j * target.ld() + t] += parts[at];
      }
    }
    target = null;
    gathered = 0;
  }

  @Override
  protected void addGramTile(double[] w, double[] out, int outOffset, int ldOut) {
    int n = count();
    int p = columns();
    scaled = TileMath.ensure(scaled, TileMath.length(stride, p));
    square = TileMath.ensure(square, TileMath.length(p, p));
    float[] values = features.values();
    for (int t = 0; t < p; t++) {
      for (int i = 0; i < n; i++) {
        scaled[t * stride + i] = (float) w[i] * values[start + t * stride + i];
      }
    }
    matrices.product(
        p,
        p,
        n,
        Operand.of(scaled, 0, stride).transpose(),
        Operand.of(values, start, stride),
        Operand.of(square, 0, p),
        false);
    TileMath.addSymmetric(square, p, out, outOffset, ldOut);
  }

  @Override
  protected void release() {
    flush();
    operand = null;
    tall = null;
    scaled = null;
    square = null;
    parts = null;
  }
}
