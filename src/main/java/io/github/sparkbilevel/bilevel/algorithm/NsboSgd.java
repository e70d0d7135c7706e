package io.github.sparkbilevel.bilevel.algorithm;

import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.problem.sampling.Draw;
import io.github.sparkbilevel.problem.sampling.Sampled;

/**
 * NSBO-SGD: {@link NboGd} on samples.
 *
 * <p>Dong, Yang, Yao and Zhang, ICML 2025, algorithms 4 and 5, with stochastic gradient steps on
 * the quadratic problems of v and w; the right-hand sides are drawn once, a Hessian for each step:
 *
 * <pre>
 *   v = ρ_k M⁻¹ ∇_θG,  w = ρ_k M⁻¹ (Hu − ∇_θF)
 *   Q times   (v, w) ← (v, w) − ρ_k M⁻¹ (H (v, w) − (∇_θG, Hu − ∇_θF))
 *   θ⁺ = θ − v,   u⁺ = u − w
 *   λ⁺ = λ + γ_k ∇²_λθG(θ⁺, λ) u⁺
 * </pre>
 *
 * <p>1 + Q passes an iteration, each over a sample of its own, one more where λ weighs rows; two
 * gradients, 1 + 2Q products.
 */
class NsboSgd extends Stochastic {
  private static final long serialVersionUID = 1L;

  @Override
  protected final AlgorithmState step(Samples on, AlgorithmState s, long k) {
    StepSizes sizes = on.sizes();
    Sampled d = on.draw(Draw.gradient(s.theta(), s.lambda()).along(s.adjoint()).withUpper());
    double[] g = d.lowerGradient();
    double[] residual = Vectors.plus(d.products()[0], -1, d.upperGradient());
    double[] zero = new double[g.length];
    double[] v = sizes.linear(zero, Vectors.scaled(-1, g), s.lambda(), k);
    double[] w = sizes.linear(zero, Vectors.scaled(-1, residual), s.lambda(), k);
    for (int q = 0; q < on.linearSteps(); q++) {
      double[][] images = on.draw(Draw.products(s.theta(), s.lambda(), v, w)).products();
      v = sizes.linear(v, Vectors.plus(images[0], -1, g), s.lambda(), k);
      w = sizes.linear(w, Vectors.plus(images[1], -1, residual), s.lambda(), k);
    }
    double[] theta = Vectors.plus(s.theta(), -1, v);
    double[] u = Vectors.plus(s.adjoint(), -1, w);
    return sizes.upper(s, theta, u, hypergradient(on, theta, u, s.lambda()), k);
  }

  /** −∇²_λθG(θ, λ) u of a sample. */
  double[] hypergradient(Samples on, double[] theta, double[] u, double[] lambda) {
    return on.hypergradient(theta, u, lambda);
  }
}
