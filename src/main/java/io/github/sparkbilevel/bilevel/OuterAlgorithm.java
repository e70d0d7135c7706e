package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.problem.oracle.BilevelOracle;
import io.github.sparkbilevel.problem.oracle.Evaluation;
import io.github.sparkbilevel.problem.snapshot.Snapshot;

/**
 * An algorithm for λ, one step at a time. Everything around the steps is the {@link OuterLoop}'s:
 * checkpoints, history, listener, and the release of what was left behind.
 *
 * @param <S> where it stands
 */
interface OuterAlgorithm<S extends OuterState> {

  /** The name of its part of a snapshot. */
  String name();

  /** One step. */
  OuterStep<S> step(BilevelOracle oracle, S state);

  /** How much of the budget has been spent on the way to a state. */
  int spent(S state);

  /** The budget. */
  int budget();

  /** Saves the state without its point, and what the algorithm itself remembers. */
  void save(S state, Snapshot own);

  /**
   * Restores what {@link #save} wrote.
   *
   * @param point of the state
   */
  S restore(int iteration, Evaluation point, Snapshot own);

  /** Frees what the algorithm itself keeps beside the rows: nothing, unless overridden. */
  default void close() {}
}
