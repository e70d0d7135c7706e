package io.github.sparkbilevel.model;

import io.github.sparkbilevel.backend.Tile;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * A function y = f(x; θ) of a row, with its derivatives.
 *
 * <p>Implementations are immutable; what they compute with is a {@link Tape}. All that the library
 * does with a network (gradients, Hessian and Gauss-Newton products, mixed products, Kronecker
 * factors) is made of what the tape offers.
 */
public interface Layer extends Serializable {

  /** The shape of x. */
  RowShape in();

  /** The shape of y. */
  RowShape out();

  /** The parameters: one block after the other without a gap, the first of them at 0. */
  List<ParameterBlock> parameters();

  /**
   * The layer at work on tiles of rows.
   *
   * @param at where its parameters begin in θ
   */
  <A> Tape<A> tape(Tile<A> tile, int at);

  /** Writes parameters to start from, where 0 will not do. */
  default void initialize(Random random, double[] theta, int at) {}

  /** Whether f has a derivative everywhere. */
  default boolean isSmooth() {
    return true;
  }

  /** The block whose biases are added to y; empty where there is none. */
  default Optional<ParameterBlock> outputBiases() {
    return Optional.empty();
  }

  /** Number of parameters. */
  default int size() {
    List<ParameterBlock> blocks = parameters();
    return blocks.isEmpty() ? 0 : blocks.get(blocks.size() - 1).end();
  }
}
