package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.bilevel.algorithm.AlgorithmState;
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

  /** θ and u may be far behind λ, so that F says nothing of Φ: the newest iterate is the one. */
  @Override
  public double mostUpper() {
    return Double.POSITIVE_INFINITY;
  }
}
