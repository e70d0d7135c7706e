package io.github.sparkbilevel.bilevel.algorithm;

import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.problem.sampling.Draw;
import io.github.sparkbilevel.problem.sampling.Sampled;

/**
 * AmIGO: amortised implicit gradients, both inner problems by a few steps from where they stood.
 *
 * <p>Arbel and Mairal, <em>Amortized Implicit Differentiation for Stochastic Bilevel
 * Optimization</em>, ICLR 2022, algorithm 1 with algorithms 2 and 3:
 *
 * <pre>
 *   T times   θ ← θ − η_k M⁻¹ ∇_θG(θ, λ)
 *   Q times   u ← u − ρ_k M⁻¹ (H(θ, λ) u − ∇_θF(θ))
 *   λ⁺ = λ + γ_k ∇²_λθG(θ, λ) u
 * </pre>
 *
 * <p>T + Q passes an iteration, each over a sample of its own, one more where λ weighs rows; T + Q
 * gradients, Q products.
 */
final class Amigo extends Stochastic {
  private static final long serialVersionUID = 1L;

  @Override
  protected AlgorithmState step(Samples on, AlgorithmState s, long k) {
    double[] theta = on.lowerSteps(s.theta(), s.lambda(), k);
    double[] u = s.adjoint();
    for (int q = 0; q < on.linearSteps(); q++) {
      Sampled d = on.draw(Draw.products(theta, s.lambda(), u).withUpper());
      double[] residual = Vectors.plus(d.products()[0], -1, d.upperGradient());
      u = on.sizes().linear(u, residual, s.lambda(), k);
    }
    return on.sizes().upper(s, theta, u, on.hypergradient(theta, u, s.lambda()), k);
  }
}
