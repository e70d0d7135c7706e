package io.github.sparkbilevel.model;

import io.github.sparkbilevel.backend.TileOps;
import io.github.sparkbilevel.backend.TileOps.Numbers;
import java.util.List;

/**
 * φ of every number of a row.
 *
 * @param in the shape of a row, before and after
 * @param function φ; where it has a kink its bend counts as 0
 */
public record ActivationLayer(RowShape in, Activation function) implements Layer {

  @Override
  public RowShape out() {
    return in;
  }

  @Override
  public List<ParameterBlock> parameters() {
    return List.of();
  }

  @Override
  public boolean isSmooth() {
    return function.isSmooth();
  }

  @Override
  public <A> Tape<A> tape(Tile<A> tile, int at) {
    return new Slopes<>(tile, in.size(), function);
  }

  private static final class Slopes<A> implements Tape<A> {
    private final Tile<A> tile;
    private final int width;
    private final Activation function;
    private final A y;
    private final A slope;
    private A yDot;
    private A z;
    private A zDot;

    Slopes(Tile<A> tile, int width, Activation function) {
      this.tile = tile;
      this.width = width;
      this.function = function;
      this.y = tile.room(width);
      this.slope = tile.room(width);
    }

    @Override
    public A forward(Numbers<A> theta, TileInput<A> x) {
      TileOps<A> ops = tile.ops();
      z = x.values();
      int length = tile.count() * width;
      if (function == Activation.RELU) {
        ops.rectify(z, y, slope, length);
        return y;
      }
      for (int i = 0; i < length; i++) {
        double argument = ops.get(z, i);
        double value = function.value(argument);
        ops.set(y, i, value);
        ops.set(slope, i, function.slope(argument, value));
      }
      return y;
    }

    @Override
    public A jvp(Numbers<A> v, A xDot) {
      zDot = xDot;
      if (zDot == null) {
        return null;
      }
      yDot = yDot == null ? tile.room(width) : yDot;
      tile.ops().multiply(slope, zDot, yDot, tile.count() * width);
      return yDot;
    }

    @Override
    public void vjp(A dy, A dx, Gradients<A> gradients) {
      if (dx != null) {
        tile.ops().multiply(slope, dy, dx, tile.count() * width);
      }
    }

    /** dẋ += φ'' ∘ ẋ ∘ dy. */
    @Override
    public void bend(A dy, A dxDot, Gradients<A> gradients) {
      if (dxDot == null || zDot == null) {
        return;
      }
      TileOps<A> ops = tile.ops();
      for (int i = 0; i < tile.count() * width; i++) {
        double bend = function.bend(ops.get(z, i), ops.get(y, i));
        double term = bend * ops.get(zDot, i) * ops.get(dy, i);
        ops.set(dxDot, i, ops.get(dxDot, i) + term);
      }
    }
  }
}
