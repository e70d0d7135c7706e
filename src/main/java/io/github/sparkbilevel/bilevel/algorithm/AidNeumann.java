package io.github.sparkbilevel.bilevel.algorithm;

import io.github.sparkbilevel.problem.oracle.Evaluation;

/**
 * AID-Neumann: approximate implicit differentiation, the adjoint by a truncated Neumann series.
 *
 * <p>Lorraine, Vicol and Duvenaud, <em>Optimizing Millions of Hyperparameters by Implicit
 * Differentiation</em>, AISTATS 2020, algorithms 1 to 3:
 *
 * <pre>
 *   T times   θ ← θ − η M⁻¹ ∇_θG(θ, λ)
 *   u = ρ Σ_{j ≤ Q} (I − ρ M⁻¹ H(θ, λ))^j M⁻¹ ∇_θF(θ)
 *   λ⁺ = λ + γ ∇²_λθG(θ, λ) u
 * </pre>
 *
 * <p>u starts anew in every iteration. T + 1 + Q passes, one more where λ weighs rows; T + 2
 * gradients, Q products.
 */
final class AidNeumann extends FullBatch {

  @Override
  protected AlgorithmState step(Rows on, AlgorithmState s, long k) {
    double[] theta = on.lowerSteps(s.theta(), s.lambda(), k);
    Evaluation at = on.evaluate(theta, null, s.lambda());
    double[] u = on.linearSteps(at.hessian(0), s.lambda(), k, at.upperGradient())[0];
    double[] h = on.hypergradient(at, theta, u);
    at.release();
    return on.sizes().upper(s, theta, u, h, k);
  }
}
