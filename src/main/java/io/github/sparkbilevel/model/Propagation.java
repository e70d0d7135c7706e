package io.github.sparkbilevel.model;

import io.github.sparkbilevel.backend.RowProducts;
import io.github.sparkbilevel.backend.Tile;
import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.DenseFeatures;
import java.util.Arrays;

/**
 * The layer of a model on one tile of rows after the other: forward, along a tangent, and back.
 *
 * <p>Outputs, what comes back from them and sums are float64. Between them everything is float32
 * where the rows are, unless the model wants its Hessian: that is for accuracy. A Gauss-Newton
 * product is the tangent, C, and the way back. One thread, and one call of a kernel.
 *
 * @param <A> what holds numbers
 */
final class Propagation<A> {
  private final Tile<A> tile;
  private final Tape<A> tape;
  private final int size;
  private final int outputs;
  private final A d;
  private final A dDot;
  private TileInput<A> x;

  Propagation(Model model, Tile<A> tile) {
    this.tile = tile;
    this.tape = model.layer().tape(tile, 0);
    this.size = model.size();
    this.outputs = model.outputs();
    this.d = tile.room(outputs);
    this.dDot = tile.room(outputs);
  }

  /**
   * Makes room for tiles of a block.
   *
   * @param capacity the most rows of a tile
   */
  static Propagation<?> of(Model model, Block block, int capacity, String backend) {
    return isSingle(model, block)
        ? new Propagation<>(model, Tile.singles(backend, capacity))
        : new Propagation<>(model, Tile.doubles(backend, capacity));
  }

  /** Whether the model is computed in float32 on the rows of a block. */
  static boolean isSingle(Model model, Block block) {
    return block.features() instanceof DenseFeatures dense
        && dense.isSingle()
        && !model.exactHessian();
  }

  /** Works on the loaded rows, the first of which is row {@code from} of the block. */
  void load(RowProducts rows, Block block, int from) {
    tile.load(rows.count());
    x = TileInput.of(tile, rows, block, from);
  }

  Tile<A> tile() {
    return tile;
  }

  /** Rows of the tile. */
  int count() {
    return tile.count();
  }

  /** Outputs at the parameters from {@code at} on; not to be changed. */
  double[] forward(double[] theta, int at) {
    return forward(tile.numbers(theta, at, size));
  }

  /** Outputs at parameters in the precision of the tile; not to be changed. */
  double[] forward(Tile.Numbers<A> theta) {
    return tile.widen(tape.forward(theta, x), outputs);
  }

  /** Outputs along the direction from {@code at} on, at the θ of {@link #forward}; a new array. */
  double[] tangent(double[] v, int at) {
    int length = count() * outputs;
    A dot = tape.jvp(tile.numbers(v, at, size), null);
    return dot == null ? new double[length] : Arrays.copyOf(tile.widen(dot, outputs), length);
  }

  /** Back from the derivatives of the outputs, at the θ of {@link #forward}. */
  void back(double[] ofOutputs, Tape.Gradients<A> gradients) {
    tape.vjp(tile.narrow(ofOutputs, outputs, d), null, gradients);
  }

  /** Back from the derivatives of the outputs, adding the gradient. */
  void addGradient(double[] ofOutputs, double[] sums, int at) {
    back(ofOutputs, (block, input, above) -> input.addTransposed(block, above, sums, at));
  }

  /**
   * Adds the Hessian product along the direction of {@link #tangent}.
   *
   * @param ofOutputs the derivatives of the outputs
   * @param dot those of {@code ofOutputs} along the direction
   */
  void addHessianProduct(double[] ofOutputs, double[] dot, double[] sums, int at) {
    tape.hvp(
        tile.narrow(ofOutputs, outputs, d),
        tile.narrow(dot, outputs, dDot),
        null,
        null,
        (block, input, above) -> input.addTransposed(block, above, sums, at));
  }
}
