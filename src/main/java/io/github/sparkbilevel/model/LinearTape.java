package io.github.sparkbilevel.model;

import io.github.sparkbilevel.backend.Tile;
import io.github.sparkbilevel.backend.Tile.Numbers;

/** A layer y = M x without parameters on the rows of a tile, with M the same for all rows. */
abstract class LinearTape<A> implements Tape<A> {
  /** Where the numbers of the rows are. */
  protected final Tile<A> tile;

  private final int inputs;
  private final int outputs;
  private final A y;
  private A yDot;

  LinearTape(Tile<A> tile, int inputs, int outputs) {
    this.tile = tile;
    this.inputs = inputs;
    this.outputs = outputs;
    this.y = tile.room(outputs);
  }

  /** to += M x. */
  protected abstract void multiply(A x, A to);

  /** dx += Mᵀ dy. */
  protected abstract void transposed(A dy, A dx);

  @Override
  public A forward(Numbers<A> theta, TileInput<A> x) {
    return product(x.values(), y);
  }

  private A product(A x, A to) {
    tile.clear(to, outputs);
    multiply(x, to);
    return to;
  }

  @Override
  public A jvp(Numbers<A> v, A xDot) {
    if (xDot == null) {
      return null;
    }
    yDot = yDot == null ? tile.room(outputs) : yDot;
    return product(xDot, yDot);
  }

  @Override
  public void vjp(A dy, A dx, Gradients<A> gradients) {
    if (dx != null) {
      tile.clear(dx, inputs);
      transposed(dy, dx);
    }
  }
}
