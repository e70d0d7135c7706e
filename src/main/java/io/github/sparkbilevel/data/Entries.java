package io.github.sparkbilevel.data;

import org.apache.spark.ml.linalg.DenseVector;
import org.apache.spark.ml.linalg.SparseVector;
import org.apache.spark.ml.linalg.Vector;

/** The stored entries of a vector, dense or sparse, without a copy. */
final class Entries {
  private Entries() {}

  /** The stored values; the vector owns the array. */
  static double[] values(Vector v) {
    return v instanceof SparseVector s ? s.values() : ((DenseVector) v).values();
  }

  /** The columns of the stored values, or null when value k is of column k. */
  static int[] indices(Vector v) {
    return v instanceof SparseVector s ? s.indices() : null;
  }

  /** The column of stored value {@code k}. */
  static int column(Vector v, int k) {
    int[] indices = indices(v);
    return indices == null ? k : indices[k];
  }
}
