package io.github.sparkbilevel.curvature;

import io.github.sparkbilevel.linalg.Preconditioner;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.oracle.Extra;
import io.github.sparkbilevel.problem.snapshot.Snapshot;
import io.github.sparkbilevel.solve.ConjugateGradient.Solution;
import io.github.sparkbilevel.solve.Status;
import java.util.Arrays;
import java.util.Optional;

/**
 * The inverse of the Kronecker factors in place of that of H: no product, and no higher accuracy
 * for any budget.
 *
 * @param source makes the inverse
 */
public record FactorInverse(FactorSource source) implements CurvatureMethod {

  @Override
  public Extra requests() {
    return source.requests();
  }

  @Override
  public Preparation<SystemSolver> prepare(DampedHessian h, int mostProducts) {
    return source.prepare(h, mostProducts).map(m -> (b, tolerances, most) -> solve(m, b));
  }

  private static Solution solve(Preconditioner m, double[][] b) {
    double[][] x = new double[b.length][];
    double[] residuals = new double[b.length];
    Arrays.setAll(x, c -> m.solve(b[c]));
    Arrays.fill(residuals, 1);
    return new Solution(x, Status.BUDGET_SPENT, 0, residuals, b);
  }

  @Override
  public Preparation<Preconditioner> precondition(DampedHessian h) {
    return source.prepare(h, Integer.MAX_VALUE);
  }

  @Override
  public long memory(BilevelProblem problem) {
    return source.memory(problem);
  }

  @Override
  public Optional<String> objection(BilevelProblem problem) {
    return problem.hasKinks()
        ? Optional.of(
            "has no inverse on the coefficients alone that are not 0; use exact, cg or jacobi-cg")
        : source.objection(problem);
  }

  @Override
  public void save(Snapshot snapshot) {
    source.save(snapshot);
  }

  @Override
  public void restore(Snapshot snapshot) {
    source.restore(snapshot);
  }
}
