package io.github.sparkbilevel.bilevel.algorithm;

import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.problem.sampling.Draw;
import io.github.sparkbilevel.problem.sampling.Sampled;

/**
 * SOBA: θ, u and λ move at once, each along a direction that is a sum over rows.
 *
 * <p>Dagréou, Ablin, Vaiter and Moreau, <em>A Framework for Bilevel Optimization that Enables
 * Stochastic and Global Variance Reduction Algorithms</em>, NeurIPS 2022, algorithm 1 with the
 * directions (4) to (6) over a sample, (10) in the numbering of the submission; their v is −u:
 *
 * <pre>
 *   θ⁺ = θ − η_k M⁻¹ ∇_θG(θ, λ)
 *   u⁺ = u − ρ_k M⁻¹ (H(θ, λ) u − ∇_θF(θ))
 *   λ⁺ = λ + γ_k ∇²_λθG(θ, λ) u
 * </pre>
 *
 * <p>1 pass an iteration over one sample; two gradients, 1 product.
 */
class Soba extends Stochastic {
  private static final long serialVersionUID = 1L;

  @Override
  protected final AlgorithmState step(Samples on, AlgorithmState s, long k) {
    Sampled d = on.draw(Draw.gradient(s.theta(), s.lambda()).along(s.adjoint()).withUpper());
    double[] residual = Vectors.plus(d.products()[0], -1, d.upperGradient());
    double[] theta = on.sizes().lower(s.theta(), d.lowerGradient(), s.lambda(), k);
    double[] u = on.sizes().linear(s.adjoint(), residual, s.lambda(), k);
    return upper(on.sizes(), s, theta, u, Vectors.scaled(-1, d.mixedProduct()), k);
  }

  /** The step of λ along the direction that the sample gives. */
  AlgorithmState upper(
      StepSizes sizes, AlgorithmState s, double[] theta, double[] u, double[] h, long k) {
    return sizes.upper(s, theta, u, h, k);
  }
}
