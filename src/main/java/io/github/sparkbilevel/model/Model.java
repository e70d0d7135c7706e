package io.github.sparkbilevel.model;

import java.io.Serializable;
import java.util.List;
import java.util.Random;

/**
 * A lower-level model: a loss on top of a layer, which makes outputs z(a; θ) of a row of features.
 */
public interface Model extends Serializable {

  /** The loss of a row. */
  Loss loss();

  /** What makes the outputs, as many as the loss wants, of a row of features. */
  Layer layer();

  /** The sums of the model over blocks, with a dense backend by its name, or {@code auto}. */
  default BlockKernel kernel(String backend) {
    return new LayerKernel(this, backend);
  }

  /**
   * The same layer under another loss.
   *
   * @param other of as many outputs
   */
  default Model with(Loss other) {
    return new Relossed(this, other);
  }

  /** What makes the Kronecker factors. */
  default Fisher fisher() {
    return new Fisher.Exact();
  }

  /** How weights that positions share make Kronecker factors. */
  default Sharing sharing() {
    return Sharing.EXPAND;
  }

  /** Whether H is the Hessian, or else the Gauss-Newton matrix Σ s Jᵀ C J. */
  default boolean exactHessian() {
    return false;
  }

  /** The same model with the Hessian for H, where it tells more than the Gauss-Newton matrix. */
  default Model withHessian() {
    return this;
  }

  /**
   * Whether outputs are linear in θ; then G is convex, and H does not need θ beside the outputs.
   */
  default boolean isLinear() {
    return false;
  }

  /** A point to start from: zero for a linear model, random weights for a network. */
  default double[] initial(long seed) {
    double[] theta = new double[size()];
    layer().initialize(new Random(seed), theta, 0, 0);
    return theta;
  }

  /** The parameters; θ holds them one block after the other. */
  default List<ParameterBlock> parameters() {
    return layer().parameters();
  }

  /** p, the number of features. */
  default int features() {
    return layer().in().size();
  }

  /** K, the number of outputs. */
  default int outputs() {
    return loss().outputs();
  }

  /** d, the number of parameters. */
  default int size() {
    return layer().size();
  }

  /** The last block of parameters. */
  default ParameterBlock last() {
    List<ParameterBlock> blocks = parameters();
    return blocks.get(blocks.size() - 1);
  }

  /**
   * Whether adding a number to the biases of all outputs changes no prediction: then H is singular
   * along that direction, unless they are penalised.
   */
  default boolean hasFreeInterceptShift() {
    return loss().hasFreeShift() && layer().outputBiases().isPresent();
  }
}
