package io.github.sparkbilevel.linalg;

import java.io.Serializable;

/**
 * The eigenbases of the Kronecker factors of one layer.
 *
 * @param inputs of A, q × q
 * @param outputs of B, k × k
 */
public record KroneckerBasis(SymmetricEigen inputs, SymmetricEigen outputs)
    implements Serializable {

  /**
   * Decomposes both factors.
   *
   * @throws ArithmeticException if an entry is not finite
   */
  public static KroneckerBasis of(KroneckerFactors factors) {
    int k = (int) Math.round(Math.sqrt(factors.outputs().length));
    return new KroneckerBasis(factors.ofInputs(), SymmetricEigen.of(factors.outputs(), k));
  }

  /** q. */
  public int height() {
    return inputs.values().length;
  }

  /** k. */
  public int width() {
    return outputs.values().length;
  }
}
