package io.github.sparkbilevel.model;

import io.github.sparkbilevel.backend.TileOps;

/**
 * Rows that are worked on together.
 *
 * @param <A> what holds numbers
 */
public final class Tile<A> {
  private final TileOps<A> ops;
  private final int capacity;
  private int count;

  Tile(TileOps<A> ops, int capacity) {
    this.ops = ops;
    this.capacity = capacity;
  }

  void load(int rows) {
    count = rows;
  }

  /** What is done with numbers. */
  public TileOps<A> ops() {
    return ops;
  }

  /** Rows of the tile at present. */
  public int count() {
    return count;
  }

  /** Room for so many numbers for each row of any tile. */
  public A room(int width) {
    return ops.allocate(Math.multiplyExact(capacity, width));
  }
}
