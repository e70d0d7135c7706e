package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.bilevel.algorithm.AlgorithmState;
import io.github.sparkbilevel.problem.oracle.Evaluation;

/**
 * Where a {@link FieldAlgorithm} stands.
 *
 * @param point at the θ and the λ of the state
 * @param state θ, u, λ and what else the algorithm carries on
 * @param steps iterations of the algorithm so far
 */
record FieldState(int iteration, Evaluation point, AlgorithmState state, long steps)
    implements OuterState {
  private static final double MOST_LAG = 0.25;

  /**
   * Nothing where θ follows λ, so that the newest such iterate is preferred; unbounded where |⟨u,
   * ∇_θG⟩|, what F may be off by, is a large share of it.
   */
  @Override
  public double mostUpper() {
    double f = point.upper().loss();
    double lag = NboState.mostUpper(point, state.adjoint()) - f;
    return lag <= MOST_LAG * f ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
  }
}
