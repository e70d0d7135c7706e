package io.github.sparkbilevel.model;

import io.github.sparkbilevel.backend.Columns;
import io.github.sparkbilevel.backend.Tile;
import io.github.sparkbilevel.backend.Tile.Numbers;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The mean of each channel over all positions of an image or a sequence but padding: a vector; 0
 * where all positions are padding.
 *
 * @param in the shape of a row
 */
public record PositionMean(RowShape in) implements Layer {

  @Override
  public RowShape out() {
    return RowShape.vector(in.channels());
  }

  @Override
  public Padding padding() {
    return Padding.SKIPS;
  }

  @Override
  public String onnx(OnnxGraph graph, String x, int at) {
    if (in.extents().size() == 1) {
      return x;
    }
    if (graph.mask() != null) {
      return maskedMean(graph, x);
    }
    String axes = graph.integers(IntStream.range(2, in.extents().size() + 1).boxed().toList());
    return graph.node("ReduceMean", List.of(x, axes), Map.of("keepdims", 0));
  }

  /** Σ_t m_t x_t / max(1, Σ_t m_t) with marks m of steps. */
  private String maskedMean(OnnxGraph graph, String x) {
    Map<String, Object> dropped = Map.of("keepdims", 0);
    String marks = graph.reshaped(graph.mask(), List.of(1, in.positions()));
    String marked = graph.node("Mul", List.of(x, marks));
    String sum = graph.node("ReduceSum", List.of(marked, graph.integers(List.of(2))), dropped);
    String steps = graph.node("ReduceSum", List.of(marks, graph.integers(List.of(2))), dropped);
    return graph.node("Div", List.of(sum, graph.node("Max", List.of(steps, graph.number(1)))));
  }

  @Override
  public List<Map<String, Object>> form() {
    return List.of(Map.of(BuiltInLayer.MEAN.label(), true));
  }

  @Override
  public <A> Tape<A> tape(Tile<A> tile, int at) {
    return new Means<>(tile, in);
  }

  private static final class Means<A> implements Tape<A> {
    private final Tile<A> tile;
    private final RowShape shape;
    private final A y;
    private final A yDot;
    private final double[] share;
    private TileInput<A> input;

    Means(Tile<A> tile, RowShape shape) {
      this.tile = tile;
      this.shape = shape;
      this.y = tile.room(shape.channels());
      this.yDot = tile.room(shape.channels());
      this.share = new double[tile.capacity(1)];
      Arrays.fill(share, 1.0 / shape.positions());
    }

    private A means(A x, A to) {
      int positions = shape.positions();
      if (input.mask() != null) {
        tile.clear(to, shape.channels());
        input.addMeans(tile, x, shape, to);
        return to;
      }
      tile.sumPositions(x, positions, 1.0 / positions, shape.channels(), to);
      return to;
    }

    @Override
    public A forward(Numbers<A> theta, TileInput<A> x) {
      input = x;
      return means(x.values(), y);
    }

    @Override
    public A jvp(Numbers<A> v, A xDot) {
      return xDot == null ? null : means(xDot, yDot);
    }

    @Override
    public void vjp(A dy, A dx, Gradients<A> gradients) {
      if (dx == null) {
        return;
      }
      tile.clear(dx, shape.size());
      Columns channels = new Columns(0, 1, shape.channels());
      for (int t = 0; t < shape.positions(); t++) {
        double[] shares = input.mask() == null ? share : input.mask().shares()[t];
        Columns step = new Columns(t, shape.positions(), shape.channels());
        tile.addScaledRows(shares, dy, channels, dx, step);
      }
    }
  }
}
