package io.github.sparkbilevel.backend.nd4j;

import io.github.sparkbilevel.backend.CheckedRowProducts;
import io.github.sparkbilevel.backend.Precision;
import io.github.sparkbilevel.backend.TileMath;
import io.github.sparkbilevel.block.DenseFeatures;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Products by {@code Nd4j.gemm}; M, the rows read column-major, is p × count and A = Mᵀ.
 *
 * <p>Every matrix is a packed column-major view of off-heap scratch, which is what ND4J hands to
 * BLAS without a copy of its own. α = 1 and β = 0 always: sums over tiles are the caller's float64.
 */
final class Nd4jProducts extends CheckedRowProducts {
  private final DenseFeatures features;
  private final OffHeapPool pool;
  private final boolean single;
  private OffHeapScratch scratch;
  private INDArray tile;
  private int start;
  private float[] singles = new float[0];
  private double[] doubles = new double[0];

  Nd4jProducts(DenseFeatures features, int maxTileRows, OffHeapPool pool) {
    super(features.rows(), features.columns(), maxTileRows);
    this.features = features;
    this.pool = pool;
    this.single = features.isSingle();
    this.scratch = pool.take(single ? DataType.FLOAT : DataType.DOUBLE);
    if (features.columns() > 0) {
      // At its full size from the start: growing would move the tile.
      scratch.tile.matrix(features.columns(), tileCapacity());
    }
  }

  @Override
  protected void loadTile(int from, int count) {
    int p = columns();
    start = from * p;
    tile = scratch.tile.matrix(p, count);
    if (single) {
      scratch.tile.put(features.singles(), start, count * p);
    } else {
      scratch.tile.put(features.doubles(), start, count * p);
    }
  }

  @Override
  protected void multiplyTile(double[] c, int cOffset, int ldc, int k, double[] z) {
    int n = count();
    INDArray wide = put(scratch.wide, c, cOffset, ldc, columns(), k);
    INDArray tall = scratch.tall.matrix(n, k);
    Nd4j.gemm(tile, wide, tall, true, false, 1.0, 0.0);
    if (single) {
      singles = TileMath.ensure(singles, TileMath.length(n, k));
      scratch.tall.get(singles, 0, n * k);
      Precision.widen(singles, 0, z, 0, n * k);
    } else {
      scratch.tall.get(z, 0, n * k);
    }
  }

  @Override
  protected void addTransposedTile(double[] r, int k, double[] out, int outOffset, int ldOut) {
    int n = count();
    int p = columns();
    INDArray tall = put(scratch.tall, r, 0, n, n, k);
    INDArray wide = scratch.wide.matrix(p, k);
    Nd4j.gemm(tile, tall, wide, false, false, 1.0, 0.0);
    int length = TileMath.length(p, k);
    if (single) {
      singles = TileMath.ensure(singles, length);
      scratch.wide.get(singles, 0, length);
      TileMath.add(singles, p, k, out, outOffset, ldOut);
    } else {
      doubles = TileMath.ensure(doubles, length);
      scratch.wide.get(doubles, 0, length);
      TileMath.add(doubles, p, k, out, outOffset, ldOut);
    }
  }

  @Override
  protected void multiplyTile(float[] c, int cOffset, int ldc, int k, float[] z) {
    if (!single) {
      super.multiplyTile(c, cOffset, ldc, k, z);
      return;
    }
    int n = count();
    int p = columns();
    INDArray wide = scratch.wide.matrix(p, k);
    scratch.wide.put(c, cOffset, ldc, p, k);
    Nd4j.gemm(tile, wide, scratch.tall.matrix(n, k), true, false, 1.0, 0.0);
    scratch.tall.get(z, 0, TileMath.length(n, k));
  }

  @Override
  protected void addTransposedTile(float[] r, int k, double[] out, int outOffset, int ldOut) {
    if (!single) {
      super.addTransposedTile(r, k, out, outOffset, ldOut);
      return;
    }
    int length = TileMath.length(columns(), k);
    singles = TileMath.ensure(singles, length);
    transposeTile(r, k, singles, 0, columns());
    TileMath.add(singles, columns(), k, out, outOffset, ldOut);
  }

  @Override
  protected void transposeTile(float[] r, int k, float[] out, int outOffset, int ldOut) {
    if (!single) {
      super.transposeTile(r, k, out, outOffset, ldOut);
      return;
    }
    int n = count();
    int p = columns();
    INDArray tall = scratch.tall.matrix(n, k);
    scratch.tall.put(r, 0, TileMath.length(n, k));
    Nd4j.gemm(tile, tall, scratch.wide.matrix(p, k), false, false, 1.0, 0.0);
    scratch.wide.get(out, outOffset, ldOut, p, k);
  }

  @Override
  protected void addGramTile(double[] w, double[] out, int outOffset, int ldOut) {
    int p = columns();
    INDArray scaled = putScaled(w);
    INDArray square = scratch.wide.matrix(p, p);
    // Not syrk: it takes one sign of weight only.
    Nd4j.gemm(scaled, tile, square, false, true, 1.0, 0.0);
    int length = TileMath.length(p, p);
    if (single) {
      singles = TileMath.ensure(singles, length);
      scratch.wide.get(singles, 0, length);
      TileMath.addSymmetric(singles, p, out, outOffset, ldOut);
    } else {
      doubles = TileMath.ensure(doubles, length);
      scratch.wide.get(doubles, 0, length);
      TileMath.addSymmetric(doubles, p, out, outOffset, ldOut);
    }
  }

  private INDArray putScaled(double[] w) {
    int n = count();
    int p = columns();
    INDArray scaled = scratch.scaled.matrix(p, n);
    if (single) {
      float[] from = features.singles();
      singles = TileMath.ensure(singles, n * p);
      for (int i = 0; i < n; i++) {
        float weight = (float) w[i];
        for (int t = i * p; t < (i + 1) * p; t++) {
          singles[t] = weight * from[start + t];
        }
      }
      scratch.scaled.put(singles, 0, n * p);
    } else {
      double[] from = features.doubles();
      doubles = TileMath.ensure(doubles, n * p);
      for (int i = 0; i < n; i++) {
        for (int t = i * p; t < (i + 1) * p; t++) {
          doubles[t] = w[i] * from[start + t];
        }
      }
      scratch.scaled.put(doubles, 0, n * p);
    }
    return scaled;
  }

  private INDArray put(OffHeapArea area, double[] a, int offset, int ld, int height, int width) {
    INDArray matrix = area.matrix(height, width);
    if (single) {
      int length = TileMath.length(height, width);
      singles = TileMath.ensure(singles, length);
      TileMath.pack(a, offset, ld, height, width, singles);
      area.put(singles, 0, length);
    } else {
      area.put(a, offset, ld, height, width);
    }
    return matrix;
  }

  @Override
  protected void release() {
    OffHeapScratch given = scratch;
    scratch = null;
    tile = null;
    pool.give(given);
  }
}
