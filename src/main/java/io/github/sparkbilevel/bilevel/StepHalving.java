package io.github.sparkbilevel.bilevel;

import java.util.Optional;
import java.util.function.DoubleFunction;

/** A line search that tries the lengths 1, ½, ¼, … */
final class StepHalving {
  private static final int MOST_HALVINGS = 5;

  private StepHalving() {}

  /**
   * What the first trial that succeeds comes to; empty when none does.
   *
   * @param trial of a length
   */
  static <T> Optional<T> first(DoubleFunction<Optional<T>> trial) {
    double length = 1;
    for (int halving = 0; halving <= MOST_HALVINGS; halving++, length /= 2) {
      Optional<T> taken = trial.apply(length);
      if (taken.isPresent()) {
        return taken;
      }
    }
    return Optional.empty();
  }
}
