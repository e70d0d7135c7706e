package io.github.sparkbilevel.model;

import io.github.sparkbilevel.backend.Columns;
import io.github.sparkbilevel.backend.Tile;
import io.github.sparkbilevel.backend.Tile.Numbers;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The mean of each channel over all positions of an image or a sequence: a vector.
 *
 * @param in the shape of a row
 */
public record PositionMean(RowShape in) implements Layer {

  @Override
  public RowShape out() {
    return RowShape.vector(in.channels());
  }

  @Override
  public List<ParameterBlock> parameters() {
    return List.of();
  }

  @Override
  public String onnx(OnnxGraph graph, String x, int at) {
    if (in.extents().size() == 1) {
      return x;
    }
    String axes = graph.integers(IntStream.range(2, in.extents().size() + 1).boxed().toList());
    return graph.node("ReduceMean", List.of(x, axes), Map.of("keepdims", 0));
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
      tile.sumPositions(x, positions, 1.0 / positions, shape.channels(), to);
      return to;
    }

    @Override
    public A forward(Numbers<A> theta, TileInput<A> x) {
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
      for (int c = 0; c < shape.channels(); c++) {
        int positions = shape.positions();
        Columns of = new Columns(c * positions, 1, positions);
        tile.addScaledRows(share, dy, new Columns(c, 0, positions), dx, of);
      }
    }
  }
}
