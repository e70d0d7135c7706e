package io.github.sparkbilevel.bilevel.algorithm;

import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.problem.sampling.Draw;
import io.github.sparkbilevel.problem.sampling.Sampled;

/**
 * BOME: a dynamic barrier on the value-function constraint, by gradients alone.
 *
 * <p>Liu, Ye, Wright, Stone and Liu, <em>BOME! Bilevel Optimization Made Easy: A Simple First-Order
 * Approach</em>, NeurIPS 2022, algorithm 1, with φ = ε ‖∇q̂‖²:
 *
 * <pre>
 *   θ̂ = θ after T steps − η M⁻¹ ∇_θG(·, λ);    q̂(θ, λ) = G(θ, λ) − G(θ̂, λ), θ̂ held
 *   κ = max(ε − ⟨∇F, ∇q̂⟩ / ‖∇q̂‖², 0)
 *   (θ, λ)⁺ = (θ, λ) − ξ (∇F + κ ∇q̂)
 * </pre>
 *
 * <p>A step of θ is taken in the metric of what it steps on, L_F I + κ M, since κ grows without
 * bound as the constraint is met: then a long step cannot overshoot. λ, in whose direction q̂ bends
 * as κ does, has no such metric: while its steps keep their length, the iterates stay off the
 * solution by a multiple of that. The rule for λ should let them shrink, as the paper's ξ does.
 *
 * <p>T passes an iteration, for the first of the T steps shares its pass with ∇F, one more where λ
 * weighs rows; T + 1 gradients (T + 2 where λ weighs rows), no product.
 */
final class Bome extends FullBatch {
  private static final double BARRIER = 0.5;

  /** Below this share of ∇F, ∇q̂ is taken to be met: κ is 1/(2 FLOOR) at most. */
  private static final double FLOOR = 1e-4;

  @Override
  protected boolean stepsOnUpper() {
    return true;
  }

  @Override
  protected AlgorithmState step(Rows on, AlgorithmState s, long k) {
    StepSizes sizes = on.sizes();
    Sampled at = on.draw(Draw.gradient(s.theta(), s.lambda()).withUpper());
    double[] g = at.lowerGradient();
    double[] f = at.upperGradient();
    double[] inner = sizes.lower(s.theta(), g, s.lambda(), k);
    for (int t = 1; t < on.lowerSteps(); t++) {
      double[] next = on.draw(Draw.gradient(inner, s.lambda())).lowerGradient();
      inner = sizes.lower(inner, next, s.lambda(), k);
    }
    double[] q = Vectors.plus(at.lambdaGradient(), -1, on.lambdaGradient(inner, s.lambda()));
    double square = Vectors.dot(g, g) + Vectors.dot(q, q) + FLOOR * FLOOR * Vectors.dot(f, f);
    double kappa = square > 0 ? Math.max(BARRIER - Vectors.dot(f, g) / square, 0) : 0;
    double[] metric = sizes.metric(s.lambda());
    for (int j = 0; j < metric.length; j++) {
      metric[j] = sizes.upperCurvature() + kappa * metric[j];
    }
    double[] direction = StepSizes.divided(Vectors.plus(f, kappa, g), metric);
    double[] theta = Vectors.plus(s.theta(), -1, direction);
    return sizes.upper(s, theta, s.adjoint(), Vectors.scaled(kappa, q), k);
  }
}
