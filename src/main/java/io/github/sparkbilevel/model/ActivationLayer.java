package io.github.sparkbilevel.model;

import io.github.sparkbilevel.backend.Tile;
import io.github.sparkbilevel.backend.Tile.Numbers;
import java.util.List;
import java.util.Map;

/**
 * φ of every number of a row.
 *
 * @param in the shape of a row, before and after
 * @param function φ; where it has a kink its bend counts as 0
 */
public record ActivationLayer(RowShape in, Activation function) implements Layer {

  @Override
  public Padding padding() {
    return Padding.KEEPS;
  }

  @Override
  public String onnx(OnnxGraph graph, String x, int at) {
    return switch (function) {
      case RELU -> graph.node("Relu", List.of(x));
      case TANH -> graph.node("Tanh", List.of(x));
      case GELU -> graph.node("Gelu", List.of(x), Map.of("approximate", "tanh"));
      case IDENTITY -> x;
    };
  }

  @Override
  public List<Map<String, Object>> form() {
    return List.of(Map.of(BuiltInLayer.ACTIVATION.label(), function.label()));
  }

  @Override
  public double gain() {
    return function.gain();
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
      z = x.values();
      if (function == Activation.RELU) {
        tile.rectify(z, y, slope, width);
        return y;
      }
      for (int i = 0; i < tile.count() * width; i++) {
        double argument = tile.get(z, i);
        double value = function.value(argument);
        tile.set(y, i, value);
        tile.set(slope, i, function.slope(argument, value));
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
      tile.multiply(slope, zDot, yDot, width);
      return yDot;
    }

    @Override
    public void vjp(A dy, A dx, Gradients<A> gradients) {
      if (dx != null) {
        tile.multiply(slope, dy, dx, width);
      }
    }

    /** dẋ += φ'' ∘ ẋ ∘ dy. */
    @Override
    public void bend(A dy, A dxDot, Gradients<A> gradients) {
      if (dxDot == null || zDot == null) {
        return;
      }
      for (int i = 0; i < tile.count() * width; i++) {
        double bend = function.bend(tile.get(z, i), tile.get(y, i));
        double term = bend * tile.get(zDot, i) * tile.get(dy, i);
        tile.set(dxDot, i, tile.get(dxDot, i) + term);
      }
    }
  }
}
