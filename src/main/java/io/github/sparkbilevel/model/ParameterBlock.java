package io.github.sparkbilevel.model;

import java.io.Serializable;

/**
 * Parameters of a layer inside θ: a height × outputs matrix, column-major, from {@code at} on.
 * Column j holds the coefficients of the inputs to output j and then, where there is one, its bias,
 * which acts as the coefficient of an input that is always 1.
 *
 * <p>Penalties spare biases unless they are told not to. Parameters that are not to be drawn to 0,
 * such as scales, are biases too: a block without other inputs.
 *
 * @param at where its parameters begin in θ
 * @param inputs number of inputs, without the constant
 * @param bias whether there is a constant input
 * @param outputs number of outputs
 */
public record ParameterBlock(int at, int inputs, boolean bias, int outputs)
    implements Serializable {

  /** Rows of the matrix: inputs, and the constant. */
  public int height() {
    return inputs + (bias ? 1 : 0);
  }

  /** Number of parameters. */
  public int size() {
    return Math.multiplyExact(height(), outputs);
  }

  /** Where the parameters of the next block begin. */
  public int end() {
    return Math.addExact(at, size());
  }

  /** Where the bias of the first output lies; those of the others follow by the height. */
  public int biases() {
    return at + inputs;
  }

  /** The same block in a θ where the layer begins at {@code start}. */
  public ParameterBlock from(int start) {
    return new ParameterBlock(Math.addExact(start, at), inputs, bias, outputs);
  }
}
