package io.github.sparkbilevel.backend.nd4j;

import org.nd4j.linalg.api.buffer.DataType;

/** The off-heap areas that one session uses; passed on from session to session by the pool. */
final class OffHeapScratch {
  final DataType type;

  /** M: the tile, p × count. */
  final OffHeapArea tile;

  /** M diag(w), p × count. */
  final OffHeapArea scaled;

  /** Operands and results with p rows. */
  final OffHeapArea wide;

  /** Operands and results with count rows. */
  final OffHeapArea tall;

  OffHeapScratch(DataType type) {
    this.type = type;
    this.tile = new OffHeapArea(type);
    this.scaled = new OffHeapArea(type);
    this.wide = new OffHeapArea(type);
    this.tall = new OffHeapArea(type);
  }

  long bytes() {
    return tile.bytes() + scaled.bytes() + wide.bytes() + tall.bytes();
  }

  void free() {
    tile.free();
    scaled.free();
    wide.free();
    tall.free();
  }
}
