package io.github.sparkbilevel.backend.cuda;

import io.github.sparkbilevel.block.DenseFeatures;

/** Dense rows as they lie on the heap, row after row. */
record DenseLayout(DenseFeatures features) implements ResidentRows.Layout {

  @Override
  public Object key() {
    return features;
  }

  @Override
  public long bytes() {
    return features.bytes();
  }

  @Override
  public void copy(long address, CudaStream stream) {
    copy(0, features.rows(), address, stream);
  }

  /** Copies some rows. */
  void copy(int from, int count, long address, CudaStream stream) {
    int p = features.columns();
    if (features.isSingle()) {
      stream.put(address, features.singles(), from * p, count * p);
    } else {
      stream.put(address, features.doubles(), from * p, count * p);
    }
  }
}
