package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.curvature.CurvatureMethod;
import io.github.sparkbilevel.curvature.DampedHessian;
import io.github.sparkbilevel.curvature.Preparation;
import io.github.sparkbilevel.curvature.SystemSolver;
import io.github.sparkbilevel.linalg.Preconditioner;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.oracle.Extra;
import io.github.sparkbilevel.solve.ConjugateGradient.Solution;
import io.github.sparkbilevel.solve.Status;
import java.util.Optional;

/** A method that is in no list: it spends some products to prepare, or fails. */
record OutsideMethod(int products, Status failure) implements CurvatureMethod {
  @Override
  public Extra requests() {
    return Extra.DIAGONAL;
  }

  @Override
  public Preparation<SystemSolver> prepare(DampedHessian h, int mostProducts) {
    SystemSolver solver =
        (b, tolerances, most) ->
            new Solution(b, Status.BUDGET_SPENT, most, new double[b.length], b);
    return failure == null
        ? new Preparation.Ready<>(solver, products)
        : Preparation.failed(failure);
  }

  @Override
  public Preparation<Preconditioner> precondition(DampedHessian h) {
    return prepare(h, 1).map(solver -> r -> Vectors.scaled(1 / h.damping(), r));
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
  public boolean solvesEverySystem() {
    return true;
  }
}
