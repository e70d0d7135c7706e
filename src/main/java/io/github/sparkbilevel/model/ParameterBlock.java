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
 * @param kind what comes in
 */
public record ParameterBlock(int at, int inputs, boolean bias, int outputs, Inputs kind)
    implements Serializable {

  /** What comes in to a block. */
  public enum Inputs {
    /** Any numbers. */
    NUMBERS,
    /** One input is 1 and the others are 0, at each position; or all are 0. No constant. */
    ONE_HOT
  }

  /** A block of any numbers. */
  public ParameterBlock(int at, int inputs, boolean bias, int outputs) {
    this(at, inputs, bias, outputs, Inputs.NUMBERS);
  }

  /** A block without a constant, of which one input at most is 1 and the others are 0. */
  public static ParameterBlock oneHot(int at, int inputs, int outputs) {
    return new ParameterBlock(at, inputs, false, outputs, Inputs.ONE_HOT);
  }

  /** Numbers of the Kronecker factor A: the height squared, or the diagonal where it is one. */
  public long factorSize() {
    return kind == Inputs.ONE_HOT ? height() : (long) height() * height();
  }

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
    return new ParameterBlock(Math.addExact(start, at), inputs, bias, outputs, kind);
  }
}
