package io.github.sparkbilevel.curvature;

import io.github.sparkbilevel.linalg.Preconditioner;
import io.github.sparkbilevel.problem.BilevelProblem;

/** The identity: plain conjugate gradients. */
public final class NoPreconditioner extends PreconditionerSource {

  /** There is nothing to set up. */
  public NoPreconditioner() {
    super(1);
  }

  @Override
  Preparation<Preconditioner> make(DampedHessian h, int mostProducts) {
    return Preparation.ready(Preconditioner.identity());
  }

  @Override
  void forget() {
    // It knows nothing.
  }

  @Override
  long memory(BilevelProblem problem) {
    return 0;
  }
}
