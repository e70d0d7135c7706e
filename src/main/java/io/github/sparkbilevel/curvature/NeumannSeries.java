package io.github.sparkbilevel.curvature;

import io.github.sparkbilevel.linalg.LinearOperator;
import io.github.sparkbilevel.linalg.Preconditioner;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.snapshot.Snapshot;
import io.github.sparkbilevel.solve.ConjugateGradient.Solution;
import io.github.sparkbilevel.solve.Neumann;
import java.util.Optional;

/**
 * The truncated Neumann series of H + δI, for comparison. Its step is measured in the first solve,
 * in {@value Neumann#POWER_STEPS} products more.
 */
public final class NeumannSeries implements CurvatureMethod {
  private final int mostTerms;
  private double step;

  private NeumannSeries(int mostTerms) {
    this.mostTerms = mostTerms;
  }

  /** As many terms as there are products. */
  public static NeumannSeries truncated() {
    return new NeumannSeries(Integer.MAX_VALUE);
  }

  /** No term: a multiple of the identity. */
  public static NeumannSeries identity() {
    return new NeumannSeries(0);
  }

  @Override
  public Preparation<SystemSolver> prepare(DampedHessian h, int mostProducts) {
    return Preparation.ready((b, tolerances, most) -> solve(h.operator(), b, most));
  }

  private Solution solve(LinearOperator h, double[][] b, int mostProducts) {
    int spent = 0;
    if (step == 0) {
      step = Neumann.step(h, b[b.length - 1]);
      spent = Neumann.POWER_STEPS;
    }
    return new Neumann(Math.min(mostTerms, mostProducts), step).solve(h, b).after(spent);
  }

  @Override
  public Preparation<Preconditioner> precondition(DampedHessian h) {
    return Preparation.ready(Preconditioner.identity());
  }

  @Override
  public long memory(BilevelProblem problem) {
    return 0;
  }

  @Override
  public Optional<String> objection(BilevelProblem problem) {
    return Optional.empty();
  }

  @Override
  public void save(Snapshot snapshot) {
    snapshot.put("neumannStep", step);
  }

  @Override
  public void restore(Snapshot snapshot) {
    step = snapshot.number("neumannStep");
  }
}
