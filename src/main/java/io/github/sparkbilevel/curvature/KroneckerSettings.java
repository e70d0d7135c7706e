package io.github.sparkbilevel.curvature;

/**
 * How the Kronecker factors of a network are averaged and damped.
 *
 * @param decay share of the old factors that stays in the average at a refresh, 0 for none
 * @param damping how penalty and damping get between the factors
 */
public record KroneckerSettings(double decay, KroneckerEigen.Damping damping) {
  /** No average, and damping of the product: best for exact factors of all rows. */
  public static final KroneckerSettings DEFAULT =
      new KroneckerSettings(0, KroneckerEigen.Damping.EXACT);

  /** Checks the decay. */
  public KroneckerSettings {
    if (!(decay >= 0 && decay < 1)) {
      throw new IllegalArgumentException("got decay " + decay + ", expected from 0 to below 1");
    }
  }
}
