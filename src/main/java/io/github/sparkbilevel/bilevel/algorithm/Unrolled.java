package io.github.sparkbilevel.bilevel.algorithm;

import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.sampling.Draw;
import io.github.sparkbilevel.problem.sampling.Sampled;
import java.util.Optional;

/**
 * Unrolled differentiation: the derivative of F(θ_T) through T steps of the lower level, backward.
 *
 * <p>Reverse-HG, algorithm 1 of Franceschi, Donini, Frasconi and Pontil, <em>Forward and Reverse
 * Gradient-Based Hyperparameter Optimization</em>, ICML 2017, from the θ where the last iteration
 * ended; the metric M of the iteration is held:
 *
 * <pre>
 *   θ_{t+1} = θ_t − η M⁻¹ ∇_θG(θ_t, λ)                        t = 0 … T − 1
 *   α_T = ∇_θF(θ_T),   h = 0
 *   z = η M⁻¹ α_{t+1},   h ← h − ∇²_λθG(θ_t, λ) z,   α_t = α_{t+1} − H(θ_t, λ) z      t = T − 1 … 0
 *   λ⁺ = λ − γ h
 * </pre>
 *
 * <p>The sum of the z is the adjoint that the truncated derivative stands for; it is kept as u. 2T
 * + 1 passes an iteration, one of them over the trusted rows alone; T + 1 gradients, T products.
 * The driver holds T vectors of the length of θ.
 */
final class Unrolled extends FullBatch {

  @Override
  public Optional<String> objection(BilevelProblem problem, AlgorithmSettings settings) {
    if (!problem.model().isLinear() && !problem.model().exactHessian()) {
      return Optional.of(
          "unrolled differentiates the steps of the lower level, got a network whose H is the"
              + " Gauss-Newton matrix; give it the exact Hessian");
    }
    return super.objection(problem, settings);
  }

  @Override
  protected AlgorithmState step(Rows on, AlgorithmState s, long k) {
    int steps = on.lowerSteps();
    double[][] theta = new double[steps + 1][];
    theta[0] = s.theta();
    for (int t = 0; t < steps; t++) {
      double[] g = on.draw(Draw.gradient(theta[t], s.lambda())).lowerGradient();
      theta[t + 1] = on.sizes().lower(theta[t], g, s.lambda(), k);
    }
    double[] alpha = on.draw(Draw.upperGradient(theta[steps], s.lambda())).upperGradient();
    double[] h = new double[s.lambda().length];
    double[] u = new double[alpha.length];
    for (int t = steps - 1; t >= 0; t--) {
      double[] z = on.sizes().lower(new double[u.length], Vectors.scaled(-1, alpha), s.lambda(), k);
      Sampled back = on.draw(Draw.products(theta[t], s.lambda(), z));
      Vectors.addTo(h, -1, back.mixedProduct());
      Vectors.addTo(u, 1, z);
      alpha = Vectors.plus(alpha, -1, back.products()[0]);
    }
    return on.sizes().upper(s, theta[steps], u, h, k);
  }
}
