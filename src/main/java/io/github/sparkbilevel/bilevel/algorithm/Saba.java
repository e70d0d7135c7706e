package io.github.sparkbilevel.bilevel.algorithm;

/**
 * SABA: {@link Soba} whose directions have the memory of SAGA, so that their noise falls with the
 * distance to the solution and steps need not shrink.
 *
 * <p>Dagréou, Ablin, Vaiter and Moreau, NeurIPS 2022, algorithm 1 with (11): each of the sums of
 * ∇_θG, Hu, ∇²_λθG · u and ∇_θF is replaced by S[φ, w] = φ_i(now) − φ_i(remembered) + mean
 * φ(remembered), for mini-blocks of rows.
 *
 * <p>1 pass an iteration, and one to fill the memory; two gradients, 1 product.
 */
final class Saba extends Soba {
  private static final long serialVersionUID = 1L;

  @Override
  protected boolean remembers() {
    return true;
  }
}
