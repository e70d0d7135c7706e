package io.github.sparkbilevel.model;

import java.io.Serializable;

/**
 * A dense layer inside θ: a height × outputs matrix, column-major, from {@code at} on. Column j
 * holds the coefficients of the inputs to output j and then, where there is one, its bias, which
 * acts as the coefficient of an input that is always 1.
 *
 * @param at where its parameters begin in θ
 * @param inputs number of inputs, without the constant
 * @param bias whether there is a constant input
 * @param outputs number of outputs
 */
public record Layer(int at, int inputs, boolean bias, int outputs) implements Serializable {

  /** Rows of the matrix: inputs, and the constant. */
  public int height() {
    return inputs + (bias ? 1 : 0);
  }

  /** Number of parameters. */
  public int size() {
    return Math.multiplyExact(height(), outputs);
  }

  /** Where the parameters of the next layer begin. */
  public int end() {
    return Math.addExact(at, size());
  }
}
