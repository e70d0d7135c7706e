package io.github.sparkbilevel.curvature;

import io.github.sparkbilevel.linalg.Preconditioner;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.oracle.Extra;
import io.github.sparkbilevel.problem.snapshot.Snapshot;
import java.util.Optional;

/**
 * H on the coefficients that are not 0 or are to leave it, formed in a pass and factored on the
 * driver, for penalties with kinks. Where these are too many, {@code jacobi-cg}.
 */
public final class WorkingSetInverse implements CurvatureMethod {
  /** H of 2,048 coefficients and its factor. */
  private static final long BYTES = 64L << 20;

  private final CurvatureMethod ofLargeSets;

  /** A method that holds nothing yet. */
  public WorkingSetInverse(CurvatureSettings settings) {
    ofLargeSets = new PreconditionedCg(new DiagonalSource(settings));
  }

  @Override
  public boolean formsWorkingSets() {
    return true;
  }

  @Override
  public Extra requests() {
    return ofLargeSets.requests();
  }

  @Override
  public Preparation<SystemSolver> prepare(DampedHessian h, int mostProducts) {
    return ofLargeSets.prepare(h, mostProducts);
  }

  @Override
  public Preparation<Preconditioner> precondition(DampedHessian h) {
    return ofLargeSets.precondition(h);
  }

  @Override
  public long memory(BilevelProblem problem) {
    return BYTES + ofLargeSets.memory(problem);
  }

  @Override
  public Optional<String> objection(BilevelProblem problem) {
    return problem.hasKinks()
        ? Optional.empty()
        : Optional.of("is for l1 penalties and group lassos; use exact, kfac-cg or jacobi-cg");
  }

  @Override
  public void save(Snapshot snapshot) {
    ofLargeSets.save(snapshot);
  }

  @Override
  public void restore(Snapshot snapshot) {
    ofLargeSets.restore(snapshot);
  }
}
