package io.github.sparkbilevel.model;

import io.github.sparkbilevel.backend.Runs;
import io.github.sparkbilevel.backend.Tile;
import io.github.sparkbilevel.backend.Tile.Numbers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The features of a row as an image or a sequence.
 *
 * <p>In the row all channels of the first position come first, as pictures and sequences are
 * written; layers want them channel by channel ({@link RowShape}).
 *
 * @param out the shape, of as many numbers as there are features
 */
public record Arranged(RowShape out) implements Layer {

  @Override
  public RowShape in() {
    return RowShape.vector(out.size());
  }

  @Override
  public String onnx(OnnxGraph graph, String x, int at) {
    int last = out.extents().size();
    if (last == 1) {
      return x;
    }
    List<Integer> channelsFirst = new ArrayList<>(List.of(0, last));
    IntStream.range(1, last).forEach(channelsFirst::add);
    String rows = graph.reshaped(x, out.extents());
    return graph.node("Transpose", List.of(rows), Map.of("perm", channelsFirst));
  }

  @Override
  public List<Map<String, Object>> form() {
    return List.of(Map.of(BuiltInLayer.SHAPE.label(), out.extents()));
  }

  @Override
  public <A> Tape<A> tape(Tile<A> tile, int at) {
    int channels = out.channels();
    int positions = out.positions();
    int[] source =
        IntStream.range(0, out.size()).map(j -> j % positions * channels + j / positions).toArray();
    return new Turned<>(tile, Runs.of(source), out.size());
  }

  private static final class Turned<A> implements Tape<A> {
    private final Tile<A> tile;
    private final Runs runs;
    private final A y;
    private final A yDot;

    Turned(Tile<A> tile, Runs runs, int width) {
      this.tile = tile;
      this.runs = runs;
      this.y = tile.room(width);
      this.yDot = tile.room(width);
    }

    @Override
    public A forward(Numbers<A> theta, TileInput<A> x) {
      tile.copy(x.values(), runs, y);
      return y;
    }

    @Override
    public A jvp(Numbers<A> v, A xDot) {
      if (xDot == null) {
        return null;
      }
      tile.copy(xDot, runs, yDot);
      return yDot;
    }

    @Override
    public void vjp(A dy, A dx, Gradients<A> gradients) {
      if (dx != null) {
        tile.copy(dy, runs.reversed(), dx);
      }
    }
  }
}
