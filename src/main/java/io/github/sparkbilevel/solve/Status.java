package io.github.sparkbilevel.solve;

import java.util.Locale;

/** How a solver or an algorithm ended; every value says what happened and what to try. */
public enum Status {
  /** The tolerance was reached. */
  CONVERGED("the tolerance was reached", ""),
  /** The budget of products or iterations was spent first: normal for an inexact solve. */
  BUDGET_SPENT("the budget was spent before the tolerance was reached", "allow more passes"),
  /** No progress within the patience, or the line search ended: the best iterate stands. */
  STALLED("no more progress was made", "the best iterate is returned"),
  /** The operator is not positive definite along a search direction. */
  NEGATIVE_CURVATURE("the operator is not positive definite", "raise l2 or solver.damping"),
  /** A scalar of the recurrence vanished. */
  BREAKDOWN("the recurrence broke down", "raise solver.damping"),
  /** A number that is not finite turned up. */
  NOT_FINITE("a number that is not finite turned up", "standardise the data or raise l2");

  private final String event;
  private final String remedy;

  Status(String event, String remedy) {
    this.event = event;
    this.remedy = remedy;
  }

  /** The word for it, such as {@code budget-spent}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** What happened, as a clause. */
  public String event() {
    return event;
  }

  /** What happened and what to try, as a clause, where nothing more is known of the cause. */
  public String advice() {
    return remedy.isEmpty() ? event : event + "; " + remedy;
  }

  /** Whether the result is usable as it is. */
  public boolean isUsable() {
    return this == CONVERGED || this == BUDGET_SPENT || this == STALLED;
  }
}
