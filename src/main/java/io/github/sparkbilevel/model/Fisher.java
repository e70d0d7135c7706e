package io.github.sparkbilevel.model;

import java.io.Serializable;

/**
 * Whose back-propagated gradients make the output side B of the Kronecker factors of a network.
 *
 * <p>For our losses the Fisher matrix of a row is Jᵀ C J, so that the expected kinds approximate
 * the Gauss-Newton matrix; the empirical one is a cheaper stand-in.
 */
public sealed interface Fisher extends Serializable {

  /** Backward products of a row. */
  default int columns(Loss loss) {
    return 1;
  }

  /** All K square roots of C: K backward products a row, no randomness. */
  record Exact() implements Fisher {
    @Override
    public int columns(Loss loss) {
      return loss.rootColumns();
    }
  }

  /**
   * Gradients for labels drawn from the model: unbiased, with an error like 1/√samples.
   *
   * @param samples draws for each row, 1 or more; as many backward products
   * @param seed of the draws, which also depend on the pass and the row's id
   */
  record MonteCarlo(int samples, long seed) implements Fisher {
    /** Checks the number of samples. */
    public MonteCarlo {
      if (samples < 1) {
        throw new IllegalArgumentException("got " + samples + " samples, expected 1 or more");
      }
    }

    @Override
    public int columns(Loss loss) {
      return samples;
    }
  }

  /** Gradients for the labels as they are: one backward product, biased where labels are wrong. */
  record Empirical() implements Fisher {}
}
