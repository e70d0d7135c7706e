package io.github.sparkbilevel.model;

/** The weight of a row in the lower objective, asked for while the row's outputs are at hand. */
@FunctionalInterface
public interface RowWeights {

  /**
   * The weight ≥ 0 with which the row enters loss, gradient and products.
   *
   * @param row index in the block
   * @param set index of the parameter set
   * @param loss ℓ of the row
   * @param directional ⟨∇_θ ℓ, u⟩ for the tangent u, 0 without a tangent
   */
  double weight(int row, int set, double loss, double directional);
}
