package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.solve.Status;
import java.util.DoubleSummaryStatistics;
import java.util.List;

/**
 * Ends a run of {@link Nbo} without a better held-out loss, or, where F says how good λ is, with an
 * F that has not moved, for a number of iterations.
 *
 * @param iterations the number; below 1 for never
 * @param tolerance share of F by which it may move
 */
record Patience(BilevelProblem problem, int iterations, double tolerance) implements StoppingRule {

  @Override
  public Status after(List<IterationRecord> history, int chosen) {
    int now = history.size() - 1;
    if (iterations < 1 || now < iterations) {
      return Status.BUDGET_SPENT;
    }
    if (!HeldOutChoice.isByUpper(problem, history.get(now).figures().heldOut())) {
      return now - chosen >= iterations ? Status.STALLED : Status.BUDGET_SPENT;
    }
    DoubleSummaryStatistics last =
        history.subList(now - iterations, now + 1).stream()
            .mapToDouble(record -> record.figures().upper().loss())
            .summaryStatistics();
    return last.getMax() - last.getMin() <= tolerance * Math.abs(last.getMin())
        ? Status.CONVERGED
        : Status.BUDGET_SPENT;
  }
}
