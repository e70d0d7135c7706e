package io.github.sparkbilevel.bilevel.algorithm;

import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.PassLedger;
import io.github.sparkbilevel.solve.Status;
import java.util.Optional;
import java.util.function.Predicate;

/** The outer loop of every algorithm. */
final class Loop {
  private Loop() {}

  /** An iteration. */
  @FunctionalInterface
  interface Step {
    /**
     * The next state.
     *
     * @param k the iteration, from 0
     */
    AlgorithmState next(AlgorithmState state, int k);
  }

  static AlgorithmResult run(
      PassLedger ledger,
      AlgorithmState start,
      int iterations,
      Step step,
      Predicate<Iterate> listener) {
    ledger.enter(PassLedger.Phase.OUTER);
    CountedCost first = CountedCost.outer(ledger);
    AlgorithmState state = start;
    CountedCost total = first.minus(first);
    for (int k = 0; k < iterations; k++) {
      ledger.begin(k + 1);
      AlgorithmState next = step.next(state, k);
      CountedCost now = CountedCost.outer(ledger).minus(first);
      if (!next.isFinite()) {
        return new AlgorithmResult(state, k, now, Status.NOT_FINITE);
      }
      state = next;
      Iterate iterate = new Iterate(k + 1, state, now.minus(total), now);
      total = now;
      if (!listener.test(iterate)) {
        return new AlgorithmResult(state, k + 1, total, Status.CONVERGED);
      }
    }
    return new AlgorithmResult(state, iterations, total, Status.BUDGET_SPENT);
  }

  /** What no algorithm of the package does. */
  static Optional<String> objection(BilevelProblem problem) {
    if (problem.hasExampleWeights()) {
      return Optional.of(
          "the algorithm keeps λ on the driver, got example-weights, one λ beside each row; use"
              + " nbo");
    }
    return problem.sharedSize() == 0
        ? Optional.of("the algorithm has nothing to tune, got an empty λ on the driver")
        : Optional.empty();
  }

  static void require(Optional<String> objection) {
    objection.ifPresent(
        why -> {
          throw new IllegalArgumentException(why);
        });
  }
}
