package io.github.sparkbilevel.curvature;

import io.github.sparkbilevel.linalg.Preconditioner;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.oracle.Extra;
import io.github.sparkbilevel.problem.snapshot.Snapshot;
import io.github.sparkbilevel.solve.ConjugateGradient;
import io.github.sparkbilevel.solve.ConjugateGradient.Solution;
import java.util.Optional;

/**
 * Conjugate gradients on H + δI with the preconditioner of a source. Where H is singular along a
 * known direction and δ is 0, all columns stay orthogonal to that direction.
 *
 * @param source makes the preconditioners
 */
public record PreconditionedCg(PreconditionerSource source) implements CurvatureMethod {

  @Override
  public Extra requests() {
    return source.requests();
  }

  @Override
  public Preparation<SystemSolver> prepare(DampedHessian h, int mostProducts) {
    return source
        .prepare(h, mostProducts)
        .map(
            m ->
                (b, tolerances, most) -> {
                  Solution solution = solve(h, m, b, tolerances, most);
                  source.solved(solution.products());
                  return solution;
                });
  }

  private static Solution solve(
      DampedHessian h, Preconditioner ofAll, double[][] b, double[] tolerances, int mostProducts) {
    var cg = new ConjugateGradient(Math.max(1, mostProducts), 0);
    Preconditioner ofWhole =
        h.curvature().map(curved -> curved.inverse(ofAll.diagonal(h.size()))).orElse(ofAll);
    Preconditioner m = h.support().of(ofWhole);
    double[] e = h.objective().nullDirection();
    if (e == null || h.damping() > 0) {
      return cg.solve(h.operator(), b, tolerances, m);
    }
    FlatDirection flat = new FlatDirection(e);
    return cg.solve(flat.without(h.operator()), flat.without(b), tolerances, flat.without(m));
  }

  @Override
  public Preparation<Preconditioner> precondition(DampedHessian h) {
    source.solvedElsewhere(h);
    double[] e = h.objective().nullDirection();
    return source
        .prepare(h, Integer.MAX_VALUE)
        .map(Preconditioner::linearPart)
        .map(m -> e == null || h.damping() > 0 ? m : new FlatDirection(e).without(m));
  }

  @Override
  public long memory(BilevelProblem problem) {
    return source.memory(problem);
  }

  @Override
  public Optional<String> objection(BilevelProblem problem) {
    return source.objection(problem);
  }

  @Override
  public boolean solvesEverySystem() {
    return source.suitsEveryModel();
  }

  @Override
  public boolean takesProduct() {
    return source.takesProduct();
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
