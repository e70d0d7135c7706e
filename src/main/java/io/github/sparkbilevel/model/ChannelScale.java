package io.github.sparkbilevel.model;

import io.github.sparkbilevel.backend.Tile;
import io.github.sparkbilevel.backend.Tile.Numbers;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * y = g x + b with a scale g and a shift b for each channel, which start at 1 and at 0.
 *
 * <p>Neither is penalised. What comes back is summed over positions, so that the output side of the
 * Kronecker factors is their block of the Gauss-Newton matrix itself.
 *
 * @param in the shape of a row
 */
record ChannelScale(RowShape in) implements Layer {

  @Override
  public Padding padding() {
    return Padding.KEEPS;
  }

  @Override
  public List<ParameterBlock> parameters() {
    int channels = in.channels();
    return List.of(
        new ParameterBlock(0, 0, true, channels), new ParameterBlock(channels, 0, true, channels));
  }

  @Override
  public List<ParameterTensor> tensors() {
    return List.of(
        ParameterTensor.ofConstants(1, ParameterTensor.WEIGHT, parameters().get(0)),
        ParameterTensor.ofConstants(1, ParameterTensor.BIAS, parameters().get(1)));
  }

  @Override
  public List<Map<String, Object>> form() {
    throw new UnsupportedOperationException("a part of a norm");
  }

  @Override
  public void initialize(Random random, double[] theta, int at, double gain) {
    Arrays.fill(theta, at, at + in.channels(), 1);
  }

  @Override
  public <A> Tape<A> tape(Tile<A> tile, int at) {
    return new Scaled<>(tile, in, parameters().get(0).from(at), parameters().get(1).from(at));
  }

  private static final class Scaled<A> implements Tape<A> {
    private final Tile<A> tile;
    private final Tile<A> places;
    private final RowShape shape;
    private final ParameterBlock scales;
    private final ParameterBlock shifts;
    private final A y;
    private final A yDot;
    private final A product;
    private final A summed;
    private Numbers<A> theta;
    private Numbers<A> v;
    private A x;
    private A xDot;

    Scaled(Tile<A> tile, RowShape shape, ParameterBlock scales, ParameterBlock shifts) {
      this.tile = tile;
      this.places = tile.times(shape.positions());
      this.shape = shape;
      this.scales = scales;
      this.shifts = shifts;
      this.y = tile.room(shape.size());
      this.yDot = tile.room(shape.size());
      this.product = tile.room(shape.size());
      this.summed = tile.room(shape.channels());
    }

    private void addScaled(Numbers<A> by, A a, A out) {
      places.addScaledColumns(by.matrix(scales.at(), 1), a, out, shape.channels());
    }

    private void addShifts(Numbers<A> of, A out) {
      places.addToColumns(of.matrix(shifts.at(), 1), out, shape.channels());
    }

    @Override
    public A forward(Numbers<A> parameters, TileInput<A> input) {
      theta = parameters;
      x = input.values();
      tile.clear(y, shape.size());
      addScaled(theta, x, y);
      addShifts(theta, y);
      return y;
    }

    @Override
    public A jvp(Numbers<A> direction, A inputDot) {
      v = direction;
      xDot = inputDot;
      tile.clear(yDot, shape.size());
      addScaled(v, x, yDot);
      addShifts(v, yDot);
      if (xDot != null) {
        addScaled(theta, xDot, yDot);
      }
      return yDot;
    }

    /** Hands over sums over the positions of each channel. */
    private void accept(ParameterBlock block, A ofPlaces, Gradients<A> gradients) {
      tile.sumPositions(ofPlaces, shape.positions(), 1, shape.channels(), summed);
      gradients.accept(block, TileInput.ones(tile), summed);
    }

    @Override
    public void vjp(A dy, A dx, Gradients<A> gradients) {
      tile.multiply(x, dy, product, shape.size());
      accept(scales, product, gradients);
      accept(shifts, dy, gradients);
      if (dx != null) {
        tile.clear(dx, shape.size());
        addScaled(theta, dy, dx);
      }
    }

    @Override
    public void bend(A dy, A dxDot, Gradients<A> gradients) {
      if (xDot != null) {
        tile.multiply(xDot, dy, product, shape.size());
        accept(scales, product, gradients);
      }
      if (dxDot != null) {
        addScaled(v, dy, dxDot);
      }
    }
  }
}
