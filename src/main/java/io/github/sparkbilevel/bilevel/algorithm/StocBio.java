package io.github.sparkbilevel.bilevel.algorithm;

import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.problem.sampling.Draw;

/**
 * stocBiO: stochastic gradient steps on θ, and a Neumann series of sampled Hessians for the
 * adjoint.
 *
 * <p>Ji, Yang and Liang, <em>Bilevel Optimization: Convergence Analysis and Enhanced Design</em>,
 * ICML 2021, algorithms 2 and 3:
 *
 * <pre>
 *   T times   θ ← θ − η_k M⁻¹ ∇_θG(θ, λ)
 *   v = ρ M⁻¹ ∇_θF(θ),  u = v;      Q times   v ← v − ρ M⁻¹ H(θ, λ) v,  u ← u + v
 *   λ⁺ = λ + γ_k ∇²_λθG(θ, λ) u
 * </pre>
 *
 * <p>u starts anew in every iteration. ρ does not shrink, for that would cut the series shorter. T
 * + 1 + Q passes, each over a sample of its own, one more where λ weighs rows; T + 1 gradients, Q
 * products.
 */
final class StocBio extends Stochastic {
  private static final long serialVersionUID = 1L;

  @Override
  protected AlgorithmState step(Samples on, AlgorithmState s, long k) {
    StepSizes sizes = on.sizes();
    double[] theta = on.lowerSteps(s.theta(), s.lambda(), k);
    double[] f = on.draw(Draw.upperGradient(theta, s.lambda())).upperGradient();
    double[] v = sizes.linear(new double[f.length], Vectors.scaled(-1, f), s.lambda(), 0);
    double[] u = v;
    for (int q = 0; q < on.linearSteps(); q++) {
      double[] image = on.draw(Draw.products(theta, s.lambda(), v)).products()[0];
      v = sizes.linear(v, image, s.lambda(), 0);
      u = Vectors.plus(u, 1, v);
    }
    return sizes.upper(s, theta, u, on.hypergradient(theta, u, s.lambda()), k);
  }
}
