package io.github.sparkbilevel.bilevel.algorithm;

import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.problem.oracle.Evaluation;
import io.github.sparkbilevel.solve.ConjugateGradient;

/**
 * AID-CG: approximate implicit differentiation, the adjoint by conjugate gradients.
 *
 * <p>Pedregosa, <em>Hyperparameter Optimization with Approximate Gradient</em>, ICML 2016; in the
 * form of AID-BiO, algorithm 1 of Ji, Yang and Liang, <em>Bilevel Optimization: Convergence
 * Analysis and Enhanced Design</em>, ICML 2021, with warm starts of both levels:
 *
 * <pre>
 *   T times   θ ← θ − η M⁻¹ ∇_θG(θ, λ)
 *   u ← u + CG_Q(H(θ, λ),  ∇_θF(θ) − H u)                 preconditioned by M
 *   λ⁺ = λ + γ ∇²_λθG(θ, λ) u
 * </pre>
 *
 * <p>T + 1 + Q passes an iteration, one more where λ weighs rows; T + 2 gradients, 1 + Q products.
 * Fewer where conjugate gradients are done.
 */
final class AidCg extends FullBatch {
  private static final double TOLERANCE = 1e-12;

  @Override
  protected AlgorithmState step(Rows on, AlgorithmState s, long k) {
    double[] theta = on.lowerSteps(s.theta(), s.lambda(), k);
    Evaluation at = on.evaluate(theta, s.adjoint(), s.lambda());
    double[] residual = Vectors.plus(at.upperGradient(), -1, at.adjointProduct());
    double[] metric = on.sizes().metric(s.lambda());
    double[] change =
        new ConjugateGradient(on.linearSteps(), TOLERANCE)
            .solve(at.hessian(0), new double[][] {residual}, r -> StepSizes.divided(r, metric))
            .columns()[0];
    double[] u = Vectors.plus(s.adjoint(), 1, change);
    double[] h = on.hypergradient(at, theta, u);
    at.release();
    return on.sizes().upper(s, theta, u, h, k);
  }
}
