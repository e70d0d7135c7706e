package io.github.sparkbilevel.bilevel.algorithm;

import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.problem.oracle.Evaluation;

/**
 * NBO-GD: the Newton step of θ and the correction of u by gradient steps on one shared system.
 *
 * <p>Dong, Yang, Yao and Zhang, <em>Efficient Curvature-Aware Hypergradient Approximation for
 * Bilevel Optimization</em>, ICML 2025, algorithms 2 and 3:
 *
 * <pre>
 *   H = ∇²_θθG(θ, λ);   H [v, w] ≈ [∇_θG,  Hu − ∇_θF]    Q + 1 steps of gradient descent from 0
 *   θ⁺ = θ − v,   u⁺ = u − w
 *   λ⁺ = λ + γ ∇²_λθG(θ⁺, λ) u⁺
 * </pre>
 *
 * <p>1 + Q passes an iteration, one more where λ weighs rows; two gradients, 1 + 2Q products.
 */
final class NboGd extends FullBatch {

  @Override
  protected AlgorithmState step(Rows on, AlgorithmState s, long k) {
    Evaluation at = on.evaluate(s.theta(), s.adjoint(), s.lambda());
    double[] residual = Vectors.plus(at.adjointProduct(), -1, at.upperGradient());
    double[][] vw = on.linearSteps(at.hessian(0), s.lambda(), k, at.gradient(), residual);
    double[] theta = Vectors.plus(s.theta(), -1, vw[0]);
    double[] u = Vectors.plus(s.adjoint(), -1, vw[1]);
    double[] h = on.hypergradient(at, theta, u);
    at.release();
    return on.sizes().upper(s, theta, u, h, k);
  }
}
