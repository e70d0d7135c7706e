package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.solve.Status;
import java.util.List;

/** When a run ends before its budget is spent. */
@FunctionalInterface
interface StoppingRule {

  /**
   * How the run ends now; {@code BUDGET_SPENT} if it goes on.
   *
   * @param history one record for each iterate so far
   * @param chosen the iteration of the iterate that would be returned
   */
  Status after(List<IterationRecord> history, int chosen);
}
