package io.github.sparkbilevel.bilevel.algorithm;

import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.problem.sampling.Draw;
import io.github.sparkbilevel.problem.sampling.Sampled;

/**
 * F²SA: fully first-order stochastic approximation, a penalty with a growing multiplier.
 *
 * <p>Kwon, Kwon, Wright and Nowak, <em>A Fully First-Order Method for Stochastic Bilevel
 * Optimization</em>, ICML 2023, algorithm 1, with σ for their λ_k:
 *
 * <pre>
 *   T times   θ ← θ − η M⁻¹ ∇_θG(θ, λ)                              towards argmin G          (their z)
 *             y ← y − η (M + L_F I/σ)⁻¹ (∇_θG(y, λ) + ∇_θF(y)/σ)    towards argmin F + σG
 *   λ⁺ = λ − γ σ (∇_λG(y, λ) − ∇_λG(θ, λ)),    σ⁺ = σ + growth
 * </pre>
 *
 * <p>θ and y share their samples, so that the noise of σ (θ − y) does not grow with σ.
 *
 * <p>θ − y ≈ H⁻¹∇_θF/σ, so u = σ (θ − y) is kept in place of y. The direction of λ is off by a
 * multiple of 1/σ. 2T passes an iteration, two more where λ weighs rows; 3T gradients, no product.
 */
final class F2sa extends Stochastic {
  private static final long serialVersionUID = 1L;
  private static final double MULTIPLIER = 10;
  private static final double GROWTH = 1;

  @Override
  protected boolean stepsOnUpper() {
    return true;
  }

  static double multiplier(long k) {
    return MULTIPLIER + GROWTH * k;
  }

  @Override
  protected AlgorithmState step(Samples on, AlgorithmState s, long k) {
    StepSizes sizes = on.sizes();
    double sigma = multiplier(k);
    double[] theta = s.theta();
    double[] y = Vectors.plus(theta, -1 / sigma, s.adjoint());
    StepSizes penalized = sizes.moreCurved(sizes.upperCurvature() / sigma);
    for (int t = 0; t < on.lowerSteps(); t++) {
      double[] g = on.draw(Draw.gradient(theta, s.lambda())).lowerGradient();
      Sampled both = on.draw(Draw.gradient(y, s.lambda()).withUpper().onSameSample());
      double[] direction = Vectors.plus(both.lowerGradient(), 1 / sigma, both.upperGradient());
      theta = sizes.lower(theta, g, s.lambda(), k);
      y = penalized.lower(y, direction, s.lambda(), k);
    }
    double[] atTheta = on.lambdaGradient(theta, s.lambda());
    double[] h = Vectors.plus(on.lambdaGradientOnSameSample(y, s.lambda()), -1, atTheta);
    double[] u = Vectors.scaled(sigma, Vectors.plus(theta, -1, y));
    return sizes.upper(s, theta, u, Vectors.scaled(sigma, h), k);
  }
}
