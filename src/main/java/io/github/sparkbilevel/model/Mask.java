package io.github.sparkbilevel.model;

import io.github.sparkbilevel.backend.Columns;
import io.github.sparkbilevel.backend.Tile;
import io.github.sparkbilevel.backend.Tile.Numbers;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The steps of a sequence without the last number of each, which says whether the step is there: 0
 * at padding, where y is 0, and any other number elsewhere. The first layer, with no derivative in
 * x.
 *
 * @param in steps × (width + 1)
 */
public record Mask(RowShape in) implements Layer {

  /** Checks the shape. */
  public Mask {
    if (in.extents().size() != 2 || in.channels() < 2) {
      throw new IllegalArgumentException(
          ("got rows of the shape %s, expected the steps and the width of a sequence, the last"
                  + " number of each step being 1, or 0 at padding; set model.shape")
              .formatted(in.extents()));
    }
  }

  private int width() {
    return in.channels() - 1;
  }

  @Override
  public RowShape out() {
    return in.withChannels(width());
  }

  @Override
  public Padding padding() {
    return Padding.TELLS;
  }

  @Override
  public List<Map<String, Object>> form() {
    return List.of(Map.of(BuiltInLayer.MASK.label(), true));
  }

  @Override
  public String onnx(OnnxGraph graph, String x, int at) {
    Map<String, Object> channels = Map.of("axis", 1);
    String last = graph.node("Gather", List.of(x, graph.integer(width())), channels);
    String there =
        graph.node("Greater", List.of(graph.node("Abs", List.of(last)), graph.number(0)));
    String marks = graph.node("Cast", List.of(there), Map.of("to", OnnxGraph.FLOAT));
    graph.mask(marks);
    String others = graph.integers(IntStream.range(0, width()).boxed().toList());
    String steps = graph.node("Gather", List.of(x, others), channels);
    return graph.node("Mul", List.of(steps, graph.reshaped(marks, List.of(1, in.positions()))));
  }

  @Override
  public <A> Tape<A> tape(Tile<A> tile, int at) {
    return new Marked<>(tile, in.positions(), width());
  }

  private static final class Marked<A> implements Tape<A> {
    private final Tile<A> tile;
    private final int steps;
    private final int width;
    private final A y;
    private StepMask mask;

    Marked(Tile<A> tile, int steps, int width) {
      this.tile = tile;
      this.steps = steps;
      this.width = width;
      this.y = tile.room(steps * width);
    }

    @Override
    public A forward(Numbers<A> theta, TileInput<A> input) {
      A x = input.values();
      int n = tile.count();
      double[][] marks = new double[steps][n];
      tile.clear(y, steps * width);
      for (int t = 0; t < steps; t++) {
        for (int i = 0; i < n; i++) {
          marks[t][i] = tile.get(x, (width * steps + t) * n + i) == 0 ? 0 : 1;
        }
        Columns step = new Columns(t, steps, width);
        tile.addScaledRows(marks[t], x, step, y, step);
      }
      mask = StepMask.of(marks);
      return y;
    }

    @Override
    public StepMask mask() {
      return mask;
    }

    @Override
    public A jvp(Numbers<A> v, A xDot) {
      return null;
    }

    @Override
    public void vjp(A dy, A dx, Gradients<A> gradients) {
      if (dx != null) {
        throw new UnsupportedOperationException("a mask has no derivative in what it takes in");
      }
    }
  }
}
