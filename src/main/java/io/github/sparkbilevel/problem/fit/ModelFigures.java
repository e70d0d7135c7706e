package io.github.sparkbilevel.problem.fit;

import io.github.sparkbilevel.problem.oracle.Tally;

/**
 * How one model does on the rows that no model is fitted to by its own kind.
 *
 * @param heldOutErrors of real labels, or null
 * @param testErrors likewise
 */
public record ModelFigures(
    Tally upper, Tally heldOut, Tally test, Errors heldOutErrors, Errors testErrors) {

  /** Without errors of real labels. */
  public ModelFigures(Tally upper, Tally heldOut, Tally test) {
    this(upper, heldOut, test, null, null);
  }
}
