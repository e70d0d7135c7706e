package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.oracle.Tally;
import io.github.sparkbilevel.problem.snapshot.Snapshot;

/**
 * Prefers the newer of two iterates whose held-out loss is within one standard error of the least
 * so far: with few rows held out, the least loss itself is mostly luck. Where no row is held out,
 * prefers the smallest bound on Φ if no row has a weight, or else the newer iterate.
 */
final class HeldOutChoice implements IterateChoice<OuterState> {
  private final BilevelProblem problem;
  private Tally leastHeldOut;
  private double leastUpper = Double.POSITIVE_INFINITY;

  HeldOutChoice(BilevelProblem problem) {
    this.problem = problem;
  }

  @Override
  public boolean prefers(OuterState newer) {
    Tally heldOut = newer.point().heldOut();
    if (isByUpper(problem, heldOut)) {
      double upper = newer.mostUpper();
      boolean isLeast = upper <= leastUpper;
      leastUpper = isLeast ? upper : leastUpper;
      return isLeast;
    }
    if (heldOut.rows() == 0) {
      return true;
    }
    if (problem.shapesLoss()) {
      return isLeast(heldOut);
    }
    if (leastHeldOut == null || heldOut.loss() < leastHeldOut.loss()) {
      leastHeldOut = heldOut;
    }
    return heldOut.loss() <= leastHeldOut.loss() + leastHeldOut.standardError();
  }

  /** Nothing but a lesser loss moves on from where EM stopped, which has all rows on its side. */
  private boolean isLeast(Tally heldOut) {
    boolean least = leastHeldOut == null || heldOut.loss() < leastHeldOut.loss();
    leastHeldOut = least ? heldOut : leastHeldOut;
    return least;
  }

  /**
   * Whether F says how good λ is. Weights of rows are fitted to the rows of F; a few penalties
   * hardly are.
   *
   * @param heldOut rows that are not in F
   */
  static boolean isByUpper(BilevelProblem problem, Tally heldOut) {
    return heldOut.rows() == 0 && !problem.weighsRows();
  }

  @Override
  public void save(Snapshot own) {
    Tally least = leastHeldOut;
    own.put(
        "leastHeldOut",
        least == null
            ? new double[0]
            : new double[] {least.loss(), least.accuracy(), least.standardError(), least.rows()});
    own.put("leastUpper", leastUpper);
  }

  @Override
  public void restore(Snapshot own) {
    double[] least = own.numbers("leastHeldOut");
    leastHeldOut =
        least.length == 0 ? null : new Tally(least[0], least[1], least[2], (long) least[3]);
    leastUpper = own.number("leastUpper");
  }
}
