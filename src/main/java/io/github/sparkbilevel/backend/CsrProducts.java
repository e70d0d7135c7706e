package io.github.sparkbilevel.backend;

import io.github.sparkbilevel.block.CsrFeatures;
import java.util.Arrays;

/** Products with compressed rows on a CPU. A product costs k per non-zero. All sums are float64. */
final class CsrProducts extends SparseProducts {
  private final int[] rowStart;
  private final int[] indices;
  private final double[] values;
  private int first;
  // Row-major p × k, so that the k numbers of one feature lie side by side.
  private double[] byFeature = new double[0];
  private double[] sums = new double[0];

  CsrProducts(CsrFeatures features, int maxTileRows) {
    super(features, maxTileRows);
    this.rowStart = features.rowStart();
    this.indices = features.indices();
    this.values = features.values();
  }

  @Override
  protected void loadTile(int from, int count) {
    first = from;
  }

  /** Whether turning a p × k operand costs less than the strided reads that it saves. */
  private boolean worthTurning(int k) {
    int nonZeros = rowStart[first + count()] - rowStart[first];
    return k > 1 && nonZeros >= columns();
  }

  @Override
  protected void multiplyStored(double[] c, int cOffset, int ldc, int k, double[] z) {
    sums = ensure(sums, k);
    if (worthTurning(k)) {
      multiplyTurned(c, cOffset, ldc, k, z);
    } else {
      multiplyStrided(c, cOffset, ldc, k, z);
    }
  }

  private void multiplyTurned(double[] c, int cOffset, int ldc, int k, double[] z) {
    int n = count();
    int p = columns();
    byFeature = ensure(byFeature, TileMath.length(p, k));
    TileMath.turn(c, cOffset, ldc, p, k, byFeature);
    for (int i = 0; i < n; i++) {
      Arrays.fill(sums, 0, k, 0.0);
      for (int e = rowStart[first + i]; e < rowStart[first + i + 1]; e++) {
        addScaled(byFeature, indices[e] * k, values[e], sums, 0, k);
      }
      for (int j = 0; j < k; j++) {
        z[i + j * n] = sums[j];
      }
    }
  }

  private void multiplyStrided(double[] c, int cOffset, int ldc, int k, double[] z) {
    int n = count();
    // A column at a time: the tile's entries stay in the cache, the column is all that moves.
    for (int j = 0; j < k; j++) {
      int at = cOffset + j * ldc;
      for (int i = 0; i < n; i++) {
        double sum = 0;
        for (int e = rowStart[first + i]; e < rowStart[first + i + 1]; e++) {
          sum += values[e] * c[at + indices[e]];
        }
        z[i + j * n] = sum;
      }
    }
  }

  @Override
  protected void addTransposedStored(double[] r, int k, double[] out, int outOffset, int ldOut) {
    sums = ensure(sums, k);
    if (worthTurning(k)) {
      addTransposedTurned(r, k, out, outOffset, ldOut);
    } else {
      addTransposedStrided(r, k, out, outOffset, ldOut);
    }
  }

  private void addTransposedTurned(double[] r, int k, double[] out, int outOffset, int ldOut) {
    int n = count();
    int p = columns();
    byFeature = ensure(byFeature, TileMath.length(p, k));
    Arrays.fill(byFeature, 0, p * k, 0.0);
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < k; j++) {
        sums[j] = r[i + j * n];
      }
      for (int e = rowStart[first + i]; e < rowStart[first + i + 1]; e++) {
        addScaled(sums, 0, values[e], byFeature, indices[e] * k, k);
      }
    }
    TileMath.addTurned(byFeature, p, k, out, outOffset, ldOut);
  }

  private void addTransposedStrided(double[] r, int k, double[] out, int outOffset, int ldOut) {
    int n = count();
    for (int j = 0; j < k; j++) {
      int at = outOffset + j * ldOut;
      for (int i = 0; i < n; i++) {
        double factor = r[i + j * n];
        for (int e = rowStart[first + i]; e < rowStart[first + i + 1]; e++) {
          out[at + indices[e]] += factor * values[e];
        }
      }
    }
  }

  private static void addScaled(
      double[] a, int aOffset, double factor, double[] out, int outOffset, int length) {
    for (int j = 0; j < length; j++) {
      out[outOffset + j] += factor * a[aOffset + j];
    }
  }

  /** Costs the square of a row's non-zeros for every row. */
  @Override
  protected void addGramStored(double[] w, double[] out, int outOffset, int ldOut) {
    int n = count();
    for (int i = 0; i < n; i++) {
      int end = rowStart[first + i + 1];
      for (int e = rowStart[first + i]; e < end; e++) {
        double scaled = w[i] * values[e];
        int column = indices[e];
        out[outOffset + column + column * ldOut] += scaled * values[e];
        for (int f = e + 1; f < end; f++) {
          double value = scaled * values[f];
          out[outOffset + column + indices[f] * ldOut] += value;
          out[outOffset + indices[f] + column * ldOut] += value;
        }
      }
    }
  }

  @Override
  protected void release() {
    byFeature = null;
    sums = null;
  }

  private static double[] ensure(double[] scratch, int length) {
    return scratch.length >= length ? scratch : new double[length];
  }
}
