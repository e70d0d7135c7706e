package io.github.sparkbilevel.model;

import io.github.sparkbilevel.backend.Runs;
import io.github.sparkbilevel.backend.Tile;
import io.github.sparkbilevel.backend.Tile.Numbers;
import java.util.List;
import java.util.Map;

/**
 * The window around each place of an image as the channels of that place, from the first channel of
 * the image on, each row by row: what {@link Convolution} multiplies by its weights.
 *
 * @param in the shape of the image
 */
public record Patches(RowShape in, Window window) implements Layer {

  @Override
  public RowShape out() {
    return window.places(in, Math.multiplyExact(in.channels(), window.pixels()));
  }

  @Override
  public List<ParameterBlock> parameters() {
    return List.of();
  }

  @Override
  public List<Map<String, Object>> form() {
    throw new UnsupportedOperationException("patches are a part of a convolution");
  }

  @Override
  public <A> Tape<A> tape(Tile<A> tile, int at) {
    return new Gathered<>(tile, runs(), in.size(), out().size());
  }

  private Runs runs() {
    int places = out().positions();
    int pixels = window.pixels();
    int[] byPlace = window.columns(in);
    int[] source = new int[byPlace.length];
    for (int j = 0; j < source.length; j++) {
      int place = j % places;
      int pixel = j / places % pixels;
      int channel = j / places / pixels;
      source[j] = byPlace[(channel * places + place) * pixels + pixel];
    }
    return Runs.of(source);
  }

  private static final class Gathered<A> implements Tape<A> {
    private final Tile<A> tile;
    private final Runs runs;
    private final int inputs;
    private final int outputs;
    private final A y;
    private A yDot;

    Gathered(Tile<A> tile, Runs runs, int inputs, int outputs) {
      this.tile = tile;
      this.runs = runs;
      this.inputs = inputs;
      this.outputs = outputs;
      this.y = tile.room(outputs);
    }

    private A gather(A x, A to) {
      tile.clear(to, outputs);
      tile.copy(x, runs, to);
      return to;
    }

    @Override
    public A forward(Numbers<A> theta, TileInput<A> x) {
      return gather(x.values(), y);
    }

    @Override
    public A jvp(Numbers<A> v, A xDot) {
      if (xDot == null) {
        return null;
      }
      yDot = yDot == null ? tile.room(outputs) : yDot;
      return gather(xDot, yDot);
    }

    @Override
    public void vjp(A dy, A dx, Gradients<A> gradients) {
      if (dx != null) {
        tile.clear(dx, inputs);
        tile.add(dy, runs.reversed(), 1, dx);
      }
    }
  }
}
