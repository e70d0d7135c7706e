package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.bilevel.IterationRecord.Step;
import io.github.sparkbilevel.solve.Status;

/**
 * The outcome of one step of an outer algorithm.
 *
 * @param state where it led; of the same iteration if the step only prepared the next iterate
 * @param figures of the step
 * @param status {@code BUDGET_SPENT} as long as nothing ends the run
 */
record OuterStep<S>(S state, Step figures, Status status) {
  private static final Step NONE = new Step(0, 0, 0);

  /** A step to a new iterate. */
  static <S> OuterStep<S> to(S state, Step figures) {
    return new OuterStep<>(state, figures, Status.BUDGET_SPENT);
  }

  /** A step that made no new iterate, after which the run goes on. */
  static <S> OuterStep<S> within(S state) {
    return new OuterStep<>(state, NONE, Status.BUDGET_SPENT);
  }

  /** The end of the run. */
  static <S> OuterStep<S> end(S state, Status status) {
    return new OuterStep<>(state, NONE, status);
  }
}
