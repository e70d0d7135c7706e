package io.github.sparkbilevel.curvature;

import io.github.sparkbilevel.linalg.Preconditioner;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.oracle.Extra;
import io.github.sparkbilevel.problem.snapshot.Snapshot;
import io.github.sparkbilevel.solve.Status;
import java.util.Optional;

/**
 * Makes preconditioners of H + δI from what evaluations and passes tell of H, which is computed
 * every few solves and serves in between.
 *
 * <p>After a failure everything is forgotten: what no preconditioner could be made of must not be
 * tried again.
 */
public abstract class PreconditionerSource {
  private static final int NEVER = Integer.MAX_VALUE;

  private final int refresh;
  private int sinceRenewal = NEVER;
  private int solves;

  /**
   * Sets up a source that knows nothing yet.
   *
   * @param refresh solves between two computations of what the preconditioner is made of
   */
  PreconditionerSource(int refresh) {
    this.refresh = refresh;
  }

  /** Makes the preconditioner for one solve. */
  final Preparation<Preconditioner> prepare(DampedHessian h, int mostProducts) {
    Preparation<Preconditioner> made = make(h, mostProducts);
    if (made instanceof Preparation.Failed) {
      sinceRenewal = NEVER;
      forget();
      return made;
    }
    if (sinceRenewal < NEVER) {
      sinceRenewal++;
    }
    solves++;
    return made;
  }

  /** What the next evaluation has to compute: nothing, unless overridden. */
  Extra requests() {
    return Extra.NONE;
  }

  /**
   * Makes the preconditioner; the identity as long as nothing is known.
   *
   * @param mostProducts products for this and the solve together: with 1, none is left for this
   */
  abstract Preparation<Preconditioner> make(DampedHessian h, int mostProducts);

  /** Forgets all that a preconditioner is made of. */
  abstract void forget();

  /** Bytes on the driver. */
  abstract long memory(BilevelProblem problem);

  /** Why the source cannot work for the problem; see {@link CurvatureMethod#objection}. */
  Optional<String> objection(BilevelProblem problem) {
    return Optional.empty();
  }

  /** Whether it has preconditioners for every model. */
  boolean suitsEveryModel() {
    return true;
  }

  /** Whether {@link #make} may spend a product. */
  boolean takesProduct() {
    return false;
  }

  /** Learns how many products the solve took. */
  void solved(int products) {}

  /** Learns that no one will say how many products the solve behind this point takes. */
  void solvedElsewhere(DampedHessian h) {}

  /** Whether nothing was computed for the set number of solves. */
  final boolean isDue() {
    return sinceRenewal >= refresh;
  }

  /** The same, but more often in the first solves, where θ moves far. */
  final boolean isDueEarly() {
    return sinceRenewal >= Math.min(refresh, solves / 2);
  }

  /** Says that the preconditioner is made of something new. */
  final void renewed() {
    sinceRenewal = 0;
  }

  /** The number of solves so far. */
  final int solves() {
    return solves;
  }

  static <T> Preparation<T> notFinite() {
    return Preparation.failed(Status.NOT_FINITE);
  }

  void save(Snapshot snapshot) {
    snapshot.put("sinceKnown", sinceRenewal);
    snapshot.put("solves", solves);
  }

  void restore(Snapshot snapshot) {
    sinceRenewal = snapshot.integer("sinceKnown");
    solves = snapshot.integer("solves");
  }
}
