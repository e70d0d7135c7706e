package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.problem.Evaluation;
import io.github.sparkbilevel.solve.Status;

/**
 * Φ and ∇Φ at one λ, as exactly as was asked.
 *
 * @param evaluation at (θ, λ), with θ near θ*(λ); whoever holds the point releases it
 * @param adjoint u
 * @param adjointProduct H u without damping, or null with exact curvature
 * @param value Φ: F(θ) − ⟨u, ∇_θG⟩, which corrects F for what θ is off by, to first order
 * @param error |⟨u, ∇_θG⟩|, the size of that correction, or what it would be if its terms had no
 *     sign in common: a bound of what is left of the error
 * @param hypergradient ∇Φ
 * @param status how the lower level and the adjoint ended, whichever is worse
 * @param products Hessian products that it took
 */
record UpperPoint(
    Evaluation evaluation,
    double[] adjoint,
    double[] adjointProduct,
    double value,
    double error,
    double[] hypergradient,
    Status status,
    int products) {

  double[] lambda() {
    return evaluation.lambda();
  }

  void release() {
    evaluation.release();
  }
}
