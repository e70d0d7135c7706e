package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.bilevel.algorithm.AlgorithmState;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.problem.Evaluation;

/**
 * Where a {@link FieldAlgorithm} stands.
 *
 * @param point at the θ and the λ of the state
 * @param state θ, u, λ and what else the algorithm carries on
 * @param steps iterations of the algorithm so far
 */
record FieldState(int iteration, Evaluation point, AlgorithmState state, long steps)
    implements OuterState {

  /** Infinite for algorithms without an adjoint: a low F is then no sign of a low Φ. */
  @Override
  public double mostUpper() {
    return Vectors.norm(state.adjoint()) > 0
        ? NboState.mostUpper(point, state.adjoint())
        : Double.POSITIVE_INFINITY;
  }
}
