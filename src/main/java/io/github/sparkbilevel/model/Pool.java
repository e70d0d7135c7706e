package io.github.sparkbilevel.model;

import io.github.sparkbilevel.backend.Runs;
import io.github.sparkbilevel.backend.Tile;
import io.github.sparkbilevel.backend.Tile.Numbers;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The greatest or the mean value of the window at each place of an image, channel by channel.
 *
 * <p>The pixels of the padding never are the greatest; in the mean they count as 0.
 *
 * @param in the shape of the image
 */
public record Pool(RowShape in, Window window, Kind kind) implements Layer {

  /** What is made of a window. */
  public enum Kind {
    /** The greatest value; it has a kink where two are equal. */
    MAX,
    /** The mean. */
    MEAN
  }

  @Override
  public RowShape out() {
    return window.places(in, in.channels());
  }

  @Override
  public String onnx(OnnxGraph graph, String x, int at) {
    if (kind == Kind.MAX) {
      return graph.node("MaxPool", List.of(x), window.attributes());
    }
    Map<String, Object> attributes = new HashMap<>(window.attributes());
    attributes.put("count_include_pad", 1);
    return graph.node("AveragePool", List.of(x), attributes);
  }

  @Override
  public List<Map<String, Object>> form() {
    Map<String, Object> value =
        Map.of(
            BuiltInLayer.KIND, BuiltInLayer.word(kind),
            BuiltInLayer.WINDOW, window.side(),
            BuiltInLayer.STRIDE, window.stride(),
            BuiltInLayer.PADDING, window.padding());
    return List.of(Map.of(BuiltInLayer.POOL.label(), value));
  }

  @Override
  public boolean isSmooth() {
    return kind != Kind.MAX;
  }

  @Override
  public <A> Tape<A> tape(Tile<A> tile, int at) {
    int[] columns = window.columns(in);
    return kind == Kind.MAX
        ? new Greatest<>(tile, columns, in.size(), out().size())
        : new Mean<>(tile, Mean.runs(columns, window.pixels()), in.size(), out().size());
  }

  private static final class Greatest<A> implements Tape<A> {
    private final Tile<A> tile;
    private final int[] candidates;
    private final int inputs;
    private final int outputs;
    private final A y;
    private final int[] chosen;
    private A yDot;

    Greatest(Tile<A> tile, int[] candidates, int inputs, int outputs) {
      this.tile = tile;
      this.candidates = candidates;
      this.inputs = inputs;
      this.outputs = outputs;
      this.y = tile.room(outputs);
      this.chosen = new int[tile.capacity(outputs)];
    }

    @Override
    public A forward(Numbers<A> theta, TileInput<A> x) {
      tile.maxima(x.values(), candidates, y, outputs, chosen);
      return y;
    }

    @Override
    public A jvp(Numbers<A> v, A xDot) {
      if (xDot == null) {
        return null;
      }
      yDot = yDot == null ? tile.room(outputs) : yDot;
      tile.take(xDot, chosen, yDot, outputs);
      return yDot;
    }

    @Override
    public void vjp(A dy, A dx, Gradients<A> gradients) {
      if (dx != null) {
        tile.clear(dx, inputs);
        tile.giveBack(dy, chosen, dx, outputs);
      }
    }
  }

  private static final class Mean<A> extends LinearTape<A> {
    private final List<Runs> pixels;

    Mean(Tile<A> tile, List<Runs> pixels, int inputs, int outputs) {
      super(tile, inputs, outputs);
      this.pixels = pixels;
    }

    /** For each pixel of the window the columns of the image that it is at the places. */
    static List<Runs> runs(int[] columns, int pixels) {
      List<Runs> runs = new ArrayList<>();
      for (int p = 0; p < pixels; p++) {
        int pixel = p;
        runs.add(
            Runs.of(
                IntStream.range(0, columns.length / pixels)
                    .map(j -> columns[j * pixels + pixel])
                    .toArray()));
      }
      return runs;
    }

    @Override
    protected void multiply(A x, A to) {
      pixels.forEach(pixel -> tile.add(x, pixel, 1.0 / pixels.size(), to));
    }

    @Override
    protected void transposed(A dy, A dx) {
      pixels.forEach(pixel -> tile.add(dy, pixel.reversed(), 1.0 / pixels.size(), dx));
    }
  }
}
