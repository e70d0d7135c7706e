package io.github.sparkbilevel.bilevel.algorithm;

import io.github.sparkbilevel.linalg.LinearOperator;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.problem.oracle.Evaluation;
import io.github.sparkbilevel.problem.sampling.Draw;

/**
 * qNBO: the inverse Hessian that BFGS learns on the lower level serves the adjoint as well.
 *
 * <p>Fang, Liu, Yao, Yu and Zhang, <em>qNBO: quasi-Newton Meets Bilevel Optimization</em>, ICLR
 * 2025, algorithms 1 to 4 with BFGS:
 *
 * <pre>
 *   B = M⁻¹
 *   T times   θ ← θ − B ∇_θG(θ, λ);     B learns (Δθ, Δ∇_θG)
 *   r = ∇_θF(θ) − H u
 *   Q times   s = B r,  u ← u + s,  r ← r − H s;    B learns (s, Hs), in the direction of the adjoint
 *   λ⁺ = λ + γ ∇²_λθG(θ, λ) u
 * </pre>
 *
 * <p>u is carried on, where the paper begins with B∇_θF. T + 1 + Q passes an iteration, one more
 * where λ weighs rows; T + 2 gradients, 1 + Q products. The driver holds 2 (T + Q) vectors.
 */
final class Qnbo extends FullBatch {

  @Override
  protected AlgorithmState step(Rows on, AlgorithmState s, long k) {
    InverseHessian inverse = new InverseHessian(on.sizes().metric(s.lambda()));
    double[] theta = s.theta();
    double[] step = null;
    double[] g = null;
    for (int t = 0; t < on.lowerSteps(); t++) {
      double[] next = on.draw(Draw.gradient(theta, s.lambda())).lowerGradient();
      learn(inverse, step, g, next);
      g = next;
      step = Vectors.scaled(-1, inverse.times(g));
      theta = Vectors.plus(theta, 1, step);
    }
    Evaluation at = on.evaluate(theta, s.adjoint(), s.lambda());
    learn(inverse, step, g, at.gradient());
    LinearOperator hessian = at.hessian(0);
    double[] u = s.adjoint();
    double[] r = Vectors.plus(at.upperGradient(), -1, at.adjointProduct());
    for (int q = 0; q < on.linearSteps(); q++) {
      double[] change = inverse.times(r);
      double[] image = hessian.apply(change);
      u = Vectors.plus(u, 1, change);
      r = Vectors.plus(r, -1, image);
      inverse.add(change, image);
    }
    double[] h = on.hypergradient(at, theta, u);
    at.release();
    return on.sizes().upper(s, theta, u, h, k);
  }

  private static void learn(InverseHessian inverse, double[] step, double[] from, double[] to) {
    if (step != null) {
      inverse.add(step, Vectors.plus(to, -1, from));
    }
  }
}
