package io.github.sparkbilevel.bench;

import io.github.sparkbilevel.backend.CheckedRowProducts;
import io.github.sparkbilevel.backend.Precision;
import io.github.sparkbilevel.backend.RowProducts;
import io.github.sparkbilevel.backend.TileMath;
import io.github.sparkbilevel.block.DenseFeatures;
import java.nio.FloatBuffer;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A float32 block in direct memory, multiplied by ND4J with no copy of the tile; for comparison.
 */
final class OffHeapBlock {
  private final int rows;
  private final int columns;
  private final DataBuffer buffer;

  OffHeapBlock(DenseFeatures features) {
    rows = features.rows();
    columns = features.columns();
    buffer = Nd4j.createBufferDetached(new long[] {(long) rows * columns}, DataType.FLOAT);
    buffer.asNioFloat().put(0, features.singles());
  }

  RowProducts open(int tileRows) {
    return new Products(tileRows);
  }

  void free() {
    buffer.close();
  }

  private final class Products extends CheckedRowProducts {
    private final Area wide = new Area();
    private final Area tall = new Area();
    private float[] heap = new float[0];
    private INDArray tile;

    Products(int tileRows) {
      super(rows, columns, tileRows);
    }

    @Override
    protected void loadTile(int from, int count) {
      long[] shape = {columns, count};
      long[] strides = {1, columns};
      tile = Nd4j.create(buffer, shape, strides, (long) from * columns, 'f', DataType.FLOAT);
    }

    @Override
    protected void multiplyTile(double[] c, int cOffset, int ldc, int k, double[] z) {
      int n = count();
      heap = heap.length >= Math.max(n, columns) * k ? heap : new float[Math.max(n, columns) * k];
      TileMath.pack(c, cOffset, ldc, columns, k, heap);
      INDArray left = wide.matrix(columns, k);
      wide.nio.put(0, heap, 0, columns * k);
      Nd4j.gemm(tile, left, tall.matrix(n, k), true, false, 1.0, 0.0);
      tall.nio.get(0, heap, 0, n * k);
      Precision.widen(heap, 0, z, 0, n * k);
    }

    @Override
    protected void addTransposedTile(double[] r, int k, double[] out, int outOffset, int ldOut) {
      int n = count();
      TileMath.pack(r, 0, n, n, k, heap);
      INDArray right = tall.matrix(n, k);
      tall.nio.put(0, heap, 0, n * k);
      Nd4j.gemm(tile, right, wide.matrix(columns, k), false, false, 1.0, 0.0);
      wide.nio.get(0, heap, 0, columns * k);
      TileMath.add(heap, columns, k, out, outOffset, ldOut);
    }

    @Override
    protected void addGramTile(double[] w, double[] out, int outOffset, int ldOut) {
      throw new UnsupportedOperationException("not measured");
    }

    @Override
    protected void release() {
      wide.free();
      tall.free();
    }
  }

  private static final class Area {
    private INDArray matrix;
    private FloatBuffer nio;

    INDArray matrix(int height, int width) {
      if (matrix == null || matrix.size(0) != height || matrix.size(1) != width) {
        free();
        matrix = Nd4j.createUninitializedDetached(DataType.FLOAT, 'f', height, width);
        nio = matrix.data().asNioFloat();
      }
      return matrix;
    }

    void free() {
      if (matrix != null) {
        matrix.close();
        matrix = null;
      }
    }
  }
}
