package io.github.sparkbilevel.model;

import io.github.sparkbilevel.backend.Runs;
import io.github.sparkbilevel.backend.Tile;
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

  private static final class Gathered<A> extends LinearTape<A> {
    private final Runs runs;

    Gathered(Tile<A> tile, Runs runs, int inputs, int outputs) {
      super(tile, inputs, outputs);
      this.runs = runs;
    }

    @Override
    protected void multiply(A x, A to) {
      tile.copy(x, runs, to);
    }

    @Override
    protected void transposed(A dy, A dx) {
      tile.add(dy, runs.reversed(), 1, dx);
    }
  }
}
