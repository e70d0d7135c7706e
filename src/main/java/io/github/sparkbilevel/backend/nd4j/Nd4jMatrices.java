package io.github.sparkbilevel.backend.nd4j;

import io.github.sparkbilevel.backend.MatrixProducts;
import io.github.sparkbilevel.backend.MatrixProducts.Operand;
import io.github.sparkbilevel.backend.TileMath;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;

/** Products of matrices on the heap by {@code Nd4j.gemm}: copied to off-heap scratch and back. */
final class Nd4jMatrices {
  private Nd4jMatrices() {}

  static MatrixProducts<float[]> singles(OffHeapPool pool) {
    return (m, n, k, a, b, c, add) -> {
      OffHeapScratch scratch = pool.take(DataType.FLOAT);
      try {
        multiply(scratch, m, n, k, a, b);
        if (add) {
          float[] result = new float[TileMath.length(m, n)];
          scratch.tall.get(result, 0, m * n);
          TileMath.add(result, m, n, c.values(), c.at(), c.ld());
        } else {
          scratch.tall.get(c.values(), c.at(), c.ld(), m, n);
        }
      } finally {
        pool.give(scratch);
      }
    };
  }

  static MatrixProducts<double[]> doubles(OffHeapPool pool) {
    return (m, n, k, a, b, c, add) -> {
      OffHeapScratch scratch = pool.take(DataType.DOUBLE);
      try {
        multiply(scratch, m, n, k, a, b);
        if (add) {
          double[] result = new double[TileMath.length(m, n)];
          scratch.tall.get(result, 0, m * n);
          TileMath.add(result, m, n, c.values(), c.at(), c.ld());
        } else {
          scratch.tall.get(c.values(), c.at(), c.ld(), m, n);
        }
      } finally {
        pool.give(scratch);
      }
    };
  }

  private static void multiply(
      OffHeapScratch scratch, int m, int n, int k, Operand<?> a, Operand<?> b) {
    put(scratch.scaled, a, a.transposed() ? k : m, a.transposed() ? m : k);
    put(scratch.wide, b, b.transposed() ? n : k, b.transposed() ? k : n);
    Nd4j.gemm(
        scratch.scaled.matrix(a.transposed() ? k : m, a.transposed() ? m : k),
        scratch.wide.matrix(b.transposed() ? n : k, b.transposed() ? k : n),
        scratch.tall.matrix(m, n),
        a.transposed(),
        b.transposed(),
        1.0,
        0.0);
  }

  private static void put(OffHeapArea area, Operand<?> operand, int height, int width) {
    area.matrix(height, width);
    if (operand.values() instanceof float[] singles) {
      area.put(singles, operand.at(), operand.ld(), height, width);
    } else {
      area.put((double[]) operand.values(), operand.at(), operand.ld(), height, width);
    }
  }
}
