package io.github.sparkbilevel.model;

import io.github.sparkbilevel.backend.Runs;
import io.github.sparkbilevel.backend.Shifts;
import io.github.sparkbilevel.backend.Tile;
import io.github.sparkbilevel.backend.Tile.Numbers;
import java.util.Arrays;

/**
 * A convolution by steps of one pixel, without a copy of its patches.
 *
 * <p>The way back is a convolution itself: dx is dy under the window turned by half a turn, with
 * the padding that makes dx as large as x.
 */
final class ShiftedConvolution<A> implements Tape<A> {
  private final Tile<A> tile;
  private final Tile<A> places;
  private final ParameterBlock block;
  private final int side;
  private final int channels;
  private final int inputs;
  private final Padded<A> x;
  private final Padded<A> xDot;
  private final Padded<A> dy;
  private final A weights;
  private final A y;
  private final A yDot;
  private Numbers<A> theta;
  private Numbers<A> v;
  private boolean moves;

  /** An image with a border of 0, which stays as long as tiles have as many rows. */
  private static final class Padded<A> {
    private final Tile<A> tile;
    private final Shifts shifts;
    private final Runs inside;
    private final int size;
    private final A room;
    private A image;
    private int rows;

    Padded(Tile<A> tile, RowShape shape, int padding, int side) {
      int height = shape.extents().get(0);
      int width = shape.extents().get(1);
      int tall = height + 2 * padding;
      int wide = width + 2 * padding;
      this.tile = tile;
      this.shifts = Shifts.of(tall, wide, shape.channels(), side);
      this.size = shape.channels() * tall * wide;
      int[] source = new int[size];
      Arrays.fill(source, Runs.NONE);
      for (int pixel = 0; pixel < shape.size(); pixel++) {
        int line = pixel / width % height + padding;
        int channel = pixel / width / height;
        source[(channel * tall + line) * wide + pixel % width + padding] = pixel;
      }
      this.inside = Runs.of(source);
      this.room = padding == 0 ? null : tile.room(size);
    }

    void set(A values) {
      image = values;
      if (room == null) {
        return;
      }
      if (rows != tile.count()) {
        rows = tile.count();
        tile.clear(room, size);
      }
      tile.copy(values, inside, room);
      image = room;
    }
  }

  ShiftedConvolution(Tile<A> tile, Convolution of, ParameterBlock block) {
    RowShape in = of.in();
    RowShape out = of.out();
    this.tile = tile;
    this.places = tile.times(out.positions());
    this.block = block;
    this.side = of.window().side();
    this.channels = in.channels();
    this.inputs = in.size();
    this.x = new Padded<>(tile, in, of.window().padding(), side);
    this.xDot = new Padded<>(tile, in, of.window().padding(), side);
    this.dy = new Padded<>(tile, out, side - 1 - of.window().padding(), side);
    this.weights = tile.allocate(block.inputs() * block.outputs());
    this.y = tile.room(out.size());
    this.yDot = tile.room(out.size());
  }

  /** The weights with a row for each tap. */
  private A weights(Numbers<A> of) {
    for (int k = 0; k < block.inputs(); k++) {
      for (int o = 0; o < block.outputs(); o++) {
        tile.set(weights, k * block.outputs() + o, weight(of, k, o));
      }
    }
    return weights;
  }

  /** The weights of the way back: taps are pixels of outputs, turned, and outputs are channels. */
  private A turned(Numbers<A> of) {
    int pixels = side * side;
    for (int tap = 0; tap < block.outputs() * pixels; tap++) {
      for (int c = 0; c < channels; c++) {
        int k = c * pixels + pixels - 1 - tap % pixels;
        tile.set(weights, tap * channels + c, weight(of, k, tap / pixels));
      }
    }
    return weights;
  }

  private double weight(Numbers<A> of, int k, int o) {
    return tile.get(of.values(), of.at() + block.at() + o * block.height() + k);
  }

  private void startFromBiases(Numbers<A> of, A to) {
    places.fillColumns(of.matrix(block.biases(), block.height()), to, block.outputs());
  }

  private TileInput<A> input() {
    return TileInput.shifted(tile, places, x.image, x.shifts);
  }

  @Override
  public A forward(Numbers<A> parameters, TileInput<A> input) {
    theta = parameters;
    x.set(input.values());
    startFromBiases(theta, y);
    tile.addShifted(x.image, x.shifts, weights(theta), block.outputs(), y);
    return y;
  }

  @Override
  public A jvp(Numbers<A> direction, A inputDot) {
    v = direction;
    moves = inputDot != null;
    startFromBiases(v, yDot);
    tile.addShifted(x.image, x.shifts, weights(v), block.outputs(), yDot);
    if (moves) {
      xDot.set(inputDot);
      tile.addShifted(xDot.image, x.shifts, weights(theta), block.outputs(), yDot);
    }
    return yDot;
  }

  @Override
  public void vjp(A above, A dx, Gradients<A> gradients) {
    gradients.accept(block, input(), above);
    if (dx != null) {
      tile.clear(dx, inputs);
      addBack(above, theta, dx);
    }
  }

  private void addBack(A above, Numbers<A> of, A to) {
    dy.set(above);
    tile.addShifted(dy.image, dy.shifts, turned(of), channels, to);
  }

  @Override
  public void bend(A above, A dxDot, Gradients<A> gradients) {
    if (moves) {
      gradients.accept(block, input().derivative(xDot.image), above);
    }
    if (dxDot != null) {
      addBack(above, v, dxDot);
    }
  }
}
