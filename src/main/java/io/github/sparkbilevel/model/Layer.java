package io.github.sparkbilevel.model;

import io.github.sparkbilevel.backend.Tile;
import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;

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

  /** The shape of y: that of x, unless overridden. */
  default RowShape out() {
    return in();
  }

  /**
   * The parameters: one block after the other without a gap, the first of them at 0. None, unless
   * overridden.
   */
  default List<ParameterBlock> parameters() {
    return List.of();
  }

  /**
   * The layer at work on tiles of rows.
   *
   * @param at where its parameters begin in θ
   */
  <A> Tape<A> tape(Tile<A> tile, int at);

  /**
   * What {@link Layers} makes the layer of again: its name and what stands behind it. A layer that
   * is made of several may give them all.
   */
  List<Map<String, Object>> form();

  /**
   * Writes parameters to start from, where 0 will not do.
   *
   * @param gain that of the layer behind this one; 0 where there is none
   */
  default void initialize(Random random, double[] theta, int at, double gain) {}

  /**
   * The variance that weights of the layer before this one want, times their inputs; 0 for the
   * choice of Glorot and Bengio.
   */
  default double gain() {
    return 0;
  }

  /** Whether f has a derivative everywhere. */
  default boolean isSmooth() {
    return true;
  }

  /** The block whose biases are added to y; empty where there is none. */
  default Optional<ParameterBlock> outputBiases() {
    return Optional.empty();
  }

  /** The most numbers of a row that stand between two layers: what bounds the rows of a tile. */
  default int widest() {
    return out().size();
  }

  /**
   * The parameters as tensors by name: of each block weights and biases, unless overridden, and the
   * blocks as layers of their own.
   */
  default List<ParameterTensor> tensors() {
    List<ParameterBlock> blocks = parameters();
    return IntStream.range(0, blocks.size())
        .boxed()
        .flatMap(i -> ParameterTensor.of(i + 1, blocks.get(i)).stream())
        .toList();
  }

  /**
   * Adds the operators of f to a graph.
   *
   * @param x the name of the tensor that holds x, as {@link OnnxGraph} says
   * @param at where the parameters begin in θ
   * @return the name of the tensor that holds y
   * @throws UnsupportedOperationException unless overridden
   */
  default String onnx(OnnxGraph graph, String x, int at) {
    throw new UnsupportedOperationException(
        "the layer %s does not say how it is written as ONNX; override its method onnx"
            .formatted(getClass().getName()));
  }

  /** What f does with steps of a sequence that are padding. */
  default Padding padding() {
    return Padding.COUNTS;
  }

  /** Whether f multiplies whole rows by weights: what a GPU does where this is the first layer. */
  default boolean multipliesRows() {
    return false;
  }

  /** Number of parameters. */
  default int size() {
    List<ParameterBlock> blocks = parameters();
    return blocks.isEmpty() ? 0 : blocks.get(blocks.size() - 1).end();
  }
}
