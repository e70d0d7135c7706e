package io.github.sparkbilevel;

import io.github.sparkbilevel.backend.Tile;
import io.github.sparkbilevel.backend.Tile.Numbers;
import io.github.sparkbilevel.model.Layer;
import io.github.sparkbilevel.model.ParameterBlock;
import io.github.sparkbilevel.model.RowShape;
import io.github.sparkbilevel.model.Tape;
import io.github.sparkbilevel.model.TileInput;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** y = x ∘ s with a scale s for each number of a row, from 1 on. */
record FeatureScale(RowShape in) implements Layer {

  @Override
  public RowShape out() {
    return in;
  }

  @Override
  public List<ParameterBlock> parameters() {
    return List.of(new ParameterBlock(0, 0, true, in.size()));
  }

  @Override
  public List<Map<String, Object>> form() {
    return List.of(Map.of("feature-scale", true));
  }

  @Override
  public void initialize(Random random, double[] theta, int at, double gain) {
    Arrays.fill(theta, at, at + in.size(), 1);
  }

  @Override
  public <A> Tape<A> tape(Tile<A> tile, int at) {
    return new Scaled<>(tile, parameters().get(0).from(at));
  }

  private static final class Scaled<A> implements Tape<A> {
    private final Tile<A> tile;
    private final ParameterBlock block;
    private final A y;
    private final A yDot;
    private final A gradient;
    private Numbers<A> s;
    private Numbers<A> v;
    private A x;
    private A xDot;

    Scaled(Tile<A> tile, ParameterBlock block) {
      this.tile = tile;
      this.block = block;
      this.y = tile.room(block.outputs());
      this.yDot = tile.room(block.outputs());
      this.gradient = tile.room(block.outputs());
    }

    /** out (+)= a ∘ scales. */
    private void scale(A a, Numbers<A> by, A out, double kept) {
      for (int i = 0; i < tile.count() * block.outputs(); i++) {
        double scale = tile.get(by.values(), by.at() + block.at() + i / tile.count());
        double before = kept == 0 ? 0 : tile.get(out, i);
        tile.set(out, i, before + scale * tile.get(a, i));
      }
    }

    /** The rows of the gradient of s are a ∘ b. */
    private void accept(A a, A b, Gradients<A> gradients) {
      tile.multiply(a, b, gradient, block.outputs());
      gradients.accept(block, TileInput.ones(tile), gradient);
    }

    @Override
    public A forward(Numbers<A> theta, TileInput<A> input) {
      s = theta;
      x = input.values();
      scale(x, s, y, 0);
      return y;
    }

    @Override
    public A jvp(Numbers<A> direction, A inputDot) {
      v = direction;
      xDot = inputDot;
      scale(x, v, yDot, 0);
      if (xDot != null) {
        scale(xDot, s, yDot, 1);
      }
      return yDot;
    }

    @Override
    public void vjp(A dy, A dx, Gradients<A> gradients) {
      accept(x, dy, gradients);
      if (dx != null) {
        scale(dy, s, dx, 0);
      }
    }

    @Override
    public void bend(A dy, A dxDot, Gradients<A> gradients) {
      if (xDot != null) {
        accept(xDot, dy, gradients);
      }
      if (dxDot != null) {
        scale(dy, v, dxDot, 1);
      }
    }
  }
}
