package io.github.sparkbilevel.bilevel.algorithm;

import io.github.sparkbilevel.problem.BilevelOracle;
import io.github.sparkbilevel.problem.BilevelProblem;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * A bilevel algorithm for a λ on the driver.
 *
 * <p>Life cycle: ask {@link #objection}; then {@link #run}, as often as is wanted, for an algorithm
 * keeps nothing between runs.
 */
public interface BilevelAlgorithm {

  /** Why the algorithm does not apply, in one sentence; empty where it does. */
  Optional<String> objection(BilevelProblem problem, AlgorithmSettings settings);

  /**
   * Runs from a state. Passes of iterations are booked under {@code OUTER}, those that measure
   * steps under {@code WARM_UP}.
   *
   * @param start θ near the lower solution, λ, and u, which may be 0
   * @param listener told of every iterate; the run ends when it answers false
   * @throws IllegalArgumentException with the objection, if there is one
   */
  AlgorithmResult run(
      BilevelOracle oracle,
      AlgorithmState start,
      AlgorithmSettings settings,
      Predicate<Iterate> listener);
}
