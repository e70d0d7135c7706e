package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.problem.snapshot.Snapshot;

/**
 * Which iterate of a run is returned.
 *
 * @param <S> the states of the run
 */
@FunctionalInterface
interface IterateChoice<S> {

  /** Whether a new iterate takes the place of the chosen one. Asked once for each iterate. */
  boolean prefers(S newer);

  /** Saves what the choice remembers: nothing, unless overridden. */
  default void save(Snapshot own) {}

  /** Restores what {@link #save} wrote. */
  default void restore(Snapshot own) {}
}
