package io.github.sparkbilevel.bilevel.algorithm;

import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.problem.sampling.Draw;

/**
 * One step: λ moves by the derivative of F after one step of the lower level.
 *
 * <p>T1–T2 of Luketina, Berglund, Greff and Raiko, <em>Scalable Gradient-Based Tuning of Continuous
 * Regularization Hyperparameters</em>, ICML 2016, which is the first-order case of DARTS (Liu,
 * Simonyan and Yang, ICLR 2019):
 *
 * <pre>
 *   θ⁺ = θ − η M⁻¹ ∇_θG(θ, λ)
 *   u  = η M⁻¹ ∇_θF(θ⁺)                     in place of H⁻¹∇_θF
 *   λ⁺ = λ + γ ∇²_λθG(θ, λ) u
 * </pre>
 *
 * <p>It ends where that is 0, which is the solution only where H is close to M: a bias that no
 * number of iterations takes away. 2 passes an iteration, one of them over the trusted rows alone,
 * and one more where λ weighs rows; two gradients, no product (one where λ weighs rows).
 */
final class OneStep extends FullBatch {

  @Override
  protected AlgorithmState step(Rows on, AlgorithmState s, long k) {
    double[] g = on.draw(Draw.gradient(s.theta(), s.lambda())).lowerGradient();
    double[] theta = on.sizes().lower(s.theta(), g, s.lambda(), k);
    double[] f = on.draw(Draw.upperGradient(theta, s.lambda())).upperGradient();
    double[] u = on.sizes().lower(new double[g.length], Vectors.scaled(-1, f), s.lambda(), k);
    double[] h = on.hypergradient(s.theta(), u, s.lambda());
    return on.sizes().upper(s, theta, u, h, k);
  }
}
