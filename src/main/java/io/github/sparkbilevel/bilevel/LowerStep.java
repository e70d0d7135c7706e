package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.curvature.Preparation;
import io.github.sparkbilevel.linalg.Preconditioner;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.problem.Kinks;
import io.github.sparkbilevel.problem.oracle.LowerObjective;
import io.github.sparkbilevel.solve.ConjugateGradient.Solution;
import io.github.sparkbilevel.solve.Status;
import java.util.Arrays;
import java.util.List;

/**
 * The step θ − v of the lower level from a point, together with the solutions of other systems at
 * the same point.
 *
 * <p>Where G is smooth, v is the Newton step H v = ∇G. Where it has kinks, θ − v is near the
 * minimum of the model
 *
 * <pre>
 *   m(x) = ⟨∇S, x − θ⟩ + ½ ⟨x − θ, H (x − θ)⟩ + Σ_g c_g ‖x_g‖        S: G without its kinks
 * </pre>
 *
 * a proximal Newton step: by {@link LassoModel} with H at hand, and by {@link InterleavedCg}
 * without. Near the solution the working groups settle, and the step is a Newton step on the
 * support.
 *
 * @param v the step
 * @param slope what the whole step promises to lower G by, to first order: positive
 * @param others the solutions of the other systems
 */
record LowerStep(double[] v, double slope, Solution others) {

  /**
   * The step.
   *
   * @param rightHandSides ∇G, and those of other systems
   */
  static LowerStep from(
      LowerObjective<?> objective,
      LowerObjective.Point point,
      NewtonSystem system,
      double[][] rightHandSides,
      Budget budget) {
    NewtonSystem.Formed few = system.workingSet(objective, point);
    if (few.set().isPresent()) {
      LowerStep step = few.set().get().step(rightHandSides, budget);
      return new LowerStep(step.v, step.slope, step.others.after(few.passes()));
    }
    if (Parts.areFormed(point)) {
      List<LowerStep> steps =
          Parts.each(
              objective,
              point,
              rightHandSides,
              (part, at, own) -> from(part, at, system, own, budget));
      return new LowerStep(
          Parts.joined(steps.stream().map(LowerStep::v)),
          steps.stream().mapToDouble(LowerStep::slope).sum(),
          Parts.joined(steps.stream().map(LowerStep::others).toList()));
    }
    if (objective.kinks().isEmpty()) {
      Solution solved = budget.solve(objective, point, system, rightHandSides, 0);
      double[] v = solved.columns()[0];
      return new LowerStep(v, Vectors.dot(point.gradient(), v), rest(solved));
    }
    Kinks kinks = objective.kinks().get();
    double[] x;
    int products = 0;
    if (point.denseHessian() == null) {
      var prepared = system.precondition(objective, point, 0);
      if (!(prepared instanceof Preparation.Ready<Preconditioner> ready)) {
        Status failed = ((Preparation.Failed<Preconditioner>) prepared).status();
        return new LowerStep(
            new double[objective.size()],
            0,
            rest(Solution.unsolved(objective.size(), rightHandSides, failed)));
      }
      int left = budget.products - ready.products();
      var minimum = InterleavedCg.minimum(point, kinks, ready.value(), budget.tolerances[0], left);
      x = minimum.x();
      products = ready.products() + minimum.products();
    } else {
      x = LassoModel.minimum(point, kinks, objective.nullDirection());
    }
    double[][] others = Arrays.copyOfRange(rightHandSides, 1, rightHandSides.length);
    Solution solved =
        others.length == 0
            ? new Solution(others, Status.CONVERGED, 0, new double[0], others)
            : budget.solve(objective, point, system, others, 1);
    double[] v = Vectors.plus(point.theta(), -1, x);
    double[] e = objective.nullDirection();
    if (e != null) {
      Vectors.addTo(v, -Vectors.dot(e, v) / Vectors.dot(e, e), e);
    }
    double slope = -kinks.slope(point.smoothGradient(), point.theta(), x);
    return new LowerStep(v, slope, solved.after(products));
  }

  /**
   * What the systems may take.
   *
   * @param tolerances of the systems, relative to their right-hand sides
   * @param products the most Hessian products
   */
  record Budget(double[] tolerances, int products) {

    private Solution solve(
        LowerObjective<?> objective,
        LowerObjective.Point point,
        NewtonSystem system,
        double[][] rightHandSides,
        int from) {
      double[] own = Arrays.copyOfRange(tolerances, from, tolerances.length);
      return system.solve(objective, point, rightHandSides, own, products);
    }
  }

  private static Solution rest(Solution all) {
    int n = all.columns().length;
    return new Solution(
        Arrays.copyOfRange(all.columns(), 1, n),
        all.status(),
        all.products(),
        Arrays.copyOfRange(all.residuals(), 1, n),
        Arrays.copyOfRange(all.remainders(), 1, n));
  }
}
