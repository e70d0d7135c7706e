package io.github.sparkbilevel.model;

import io.github.sparkbilevel.backend.Tile;
import io.github.sparkbilevel.backend.Tile.Numbers;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * y = x + f(x; θ), after He et al., <em>Deep Residual Learning for Image Recognition</em>, CVPR
 * 2016.
 *
 * @param inner f, which gives rows of the shape that it takes in
 */
public record Residual(Layer inner) implements Layer {

  /** Checks the shapes. */
  public Residual {
    if (!inner.in().equals(inner.out())) {
      throw new IllegalArgumentException(
          "got an inner layer from rows of %s to rows of %s, expected the same shape"
              .formatted(inner.in().extents(), inner.out().extents()));
    }
    if (Stack.flat(List.of(inner)).anyMatch(layer -> layer.padding() == Padding.TELLS)) {
      throw new IllegalArgumentException(
          "got an inner layer that takes in features as they are, expected it in front, by itself");
    }
  }

  @Override
  public RowShape in() {
    return inner.in();
  }

  @Override
  public RowShape out() {
    return inner.out();
  }

  @Override
  public Padding padding() {
    return inner.padding();
  }

  @Override
  public List<ParameterBlock> parameters() {
    return inner.parameters();
  }

  @Override
  public List<ParameterTensor> tensors() {
    return inner.tensors();
  }

  @Override
  public String onnx(OnnxGraph graph, String x, int at) {
    return graph.node("Add", List.of(x, inner.onnx(graph, x, at)));
  }

  @Override
  public boolean multipliesRows() {
    return inner.multipliesRows();
  }

  @Override
  public List<Map<String, Object>> form() {
    return List.of(Map.of(BuiltInLayer.RESIDUAL.label(), inner.form()));
  }

  @Override
  public void initialize(Random random, double[] theta, int at, double gain) {
    inner.initialize(random, theta, at, 0);
  }

  @Override
  public boolean isSmooth() {
    return inner.isSmooth();
  }

  @Override
  public int widest() {
    return inner.widest();
  }

  @Override
  public <A> Tape<A> tape(Tile<A> tile, int at) {
    return new Sum<>(tile, inner.tape(tile, at), in().size());
  }

  private static final class Sum<A> implements Tape<A> {
    private final Tile<A> tile;
    private final Tape<A> inner;
    private final int width;
    private final A y;
    private A yDot;

    Sum(Tile<A> tile, Tape<A> inner, int width) {
      this.tile = tile;
      this.inner = inner;
      this.width = width;
      this.y = tile.room(width);
    }

    /** out = a + b. */
    private A add(A a, A b, A out) {
      tile.add(a, b, out, width);
      return out;
    }

    @Override
    public A forward(Numbers<A> theta, TileInput<A> x) {
      return add(x.values(), inner.forward(theta, x), y);
    }

    @Override
    public A jvp(Numbers<A> v, A xDot) {
      A dot = inner.jvp(v, xDot);
      if (dot == null || xDot == null) {
        return dot == null ? xDot : dot;
      }
      yDot = yDot == null ? tile.room(width) : yDot;
      return add(xDot, dot, yDot);
    }

    @Override
    public void vjp(A dy, A dx, Gradients<A> gradients) {
      inner.vjp(dy, dx, gradients);
      if (dx != null) {
        add(dx, dy, dx);
      }
    }

    @Override
    public void hvp(A dy, A dyDot, A dx, A dxDot, Gradients<A> gradients) {
      inner.hvp(dy, dyDot, dx, dxDot, gradients);
      if (dx != null) {
        add(dx, dy, dx);
        add(dxDot, dyDot, dxDot);
      }
    }
  }
}
