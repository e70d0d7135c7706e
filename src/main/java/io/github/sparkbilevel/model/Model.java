package io.github.sparkbilevel.model;

import java.io.Serializable;
import java.util.List;

/** A lower-level model: outputs z(a; θ) of a row of features, and the loss of its outputs. */
public sealed interface Model extends Serializable permits LinearModel, Mlp {

  /** The loss of a row. */
  Loss loss();

  /** p, the number of features. */
  int features();

  /** The layers in their order; θ holds them one after the other. */
  List<Layer> layers();

  /**
   * Whether outputs are linear in θ; then G is convex, and H does not need θ beside the outputs.
   */
  boolean isLinear();

  /** The same model with the Hessian for H, where it tells more than the Gauss-Newton matrix. */
  default Model withHessian() {
    return this;
  }

  /** A point to start from: zero for a linear model, random weights for a network. */
  double[] initial(long seed);

  /** K, the number of outputs. */
  default int outputs() {
    return loss().outputs();
  }

  /** d, the number of parameters. */
  default int size() {
    return last().end();
  }

  /** The last layer. */
  default Layer last() {
    return layers().get(layers().size() - 1);
  }

  /**
   * Whether adding a number to the biases of all outputs changes no prediction: then H is singular
   * along that direction, unless they are penalised.
   */
  default boolean hasFreeInterceptShift() {
    return last().bias() && loss().hasFreeShift();
  }
}
