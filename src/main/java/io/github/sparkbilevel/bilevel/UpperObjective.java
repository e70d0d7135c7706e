package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.linalg.LinearOperator;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.problem.BilevelOracle;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.Evaluation;
import io.github.sparkbilevel.problem.LowerObjective;
import io.github.sparkbilevel.solve.ConjugateGradient;
import io.github.sparkbilevel.solve.Status;

/**
 * λ ↦ Φ(λ) = F(θ*(λ)) and its hypergradient, for a λ on the driver, each to an accuracy that the
 * caller chooses.
 *
 * <p>The lower level is solved until the error that it leaves in Φ is small enough. With the
 * adjoint u that error is known: F(θ) − F(θ*) = ⟨u, ∇_θG(θ, λ)⟩ to first order, since H u = ∇_θF
 * and H (θ − θ*) ≈ ∇_θG. θ and u start where the last point left them.
 *
 * <p>Cost in passes: 1 for each Newton step of the lower level and 1 for each Hessian product (none
 * with exact curvature). Where λ tunes penalties alone, the first Newton step costs no evaluation:
 * the sums over rows at the last θ hold for every penalty, and are known. Where λ weighs rows, 1
 * for the start and 1 for the mixed product.
 */
final class UpperObjective {
  private static final int MOST_LOWER_PASSES = 3000;
  private static final int MOST_ADJOINT_PRODUCTS = 1000;
  private static final int MOST_ROUNDS = 4;

  /** ‖∇G‖∞ below which rounding leaves nothing to gain. */
  private static final double FLOOR = 1e-13;

  /** The share of ‖∇G‖∞ at the start to which the first solve goes, before u is known. */
  private static final double FIRST_TOLERANCE = 1e-4;

  private final BilevelOracle oracle;
  private final BilevelProblem problem;
  private final NewtonSystem system;
  private int evaluations;

  UpperObjective(BilevelOracle oracle, NewtonSystem system) {
    if (oracle.problem().hasExampleWeights()) {
      throw new IllegalArgumentException(
          "got a λ beside the rows, expected one on the driver; use the algorithm nbo");
    }
    this.oracle = oracle;
    this.problem = oracle.problem();
    this.system = system;
  }

  /** How often Φ was evaluated. */
  int evaluations() {
    return evaluations;
  }

  /**
   * Evaluates.
   *
   * @param warm a point to start from, which is not released; or null to start from zero
   * @param accuracy the error of Φ that is allowed, relative to Φ
   */
  UpperPoint at(double[] lambda, UpperPoint warm, double accuracy) {
    evaluations++;
    LowerObjective<Evaluation> lower =
        oracle.lower(warm == null ? null : warm.evaluation(), lambda);
    boolean known = warm != null && problem.rows().size() == 0;
    Evaluation point =
        known
            ? oracle.underPenalty(warm.evaluation(), lambda)
            : lower.at(
                warm == null ? new double[lower.size()] : warm.evaluation().theta(), system.due());
    double norm = Vectors.normInf(point.gradient());
    double[] u = warm == null ? new double[lower.size()] : warm.adjoint();
    double allowed = accuracy * Math.abs(warm == null ? point.upper().loss() : warm.value());
    double tolerance =
        warm == null ? FIRST_TOLERANCE * norm : allowed / Math.max(Vectors.norm(u), 1e-300);
    int products = 0;
    for (int round = 1; ; round++) {
      var solved =
          new LowerSolver(0, Math.max(tolerance, FLOOR), MOST_LOWER_PASSES)
              .minimize(lower, point, 0, system);
      products += solved.products();
      if (solved.point() == point && known) {
        // θ did not move, but what is known of it belongs to the warm point.
        point = lower.at(point.theta(), system.due());
      } else {
        point = solved.point();
      }
      known = false;
      var adjoint = adjoint(lower, point, u, Math.min(1e-2, Math.sqrt(accuracy)));
      products += adjoint.products();
      u = adjoint.columns()[0];
      double correction = Vectors.dot(u, point.gradient());
      double error = Math.abs(correction);
      boolean done = error <= allowed || tolerance <= FLOOR || round == MOST_ROUNDS;
      if (done || !solved.status().isUsable() || !adjoint.status().isUsable()) {
        Status worse =
            adjoint.status().compareTo(solved.status()) > 0 ? adjoint.status() : solved.status();
        double value = point.upper().loss() - correction;
        return new UpperPoint(point, u, value, error, hypergradient(point, u), worse, products);
      }
      tolerance = 0.5 * Vectors.normInf(point.gradient()) * allowed / error;
    }
  }

  /** H u = ∇_θF from where u was; the products include the one that tells how far off it was. */
  private ConjugateGradient.Solution adjoint(
      LowerObjective<Evaluation> lower, Evaluation point, double[] start, double tolerance) {
    double[] b = point.upperGradient();
    double target = tolerance * Vectors.norm(b);
    boolean fresh = point.denseHessian() != null || Vectors.normInf(start) == 0;
    double[] r = b;
    if (!fresh) {
      LinearOperator h = point.hessian(system.damping());
      r = Vectors.plus(b, -1, h.apply(start));
    }
    double norm = Vectors.norm(r);
    int spent = fresh ? 0 : 1;
    if (norm <= target) {
      return new ConjugateGradient.Solution(
          new double[][] {start}, Status.CONVERGED, spent, new double[1]);
    }
    var cg = new ConjugateGradient(MOST_ADJOINT_PRODUCTS, Math.min(1, target / norm));
    var step = system.solve(lower, point, new double[][] {r}, cg);
    double[] u = fresh ? step.columns()[0] : Vectors.plus(start, 1, step.columns()[0]);
    return new ConjugateGradient.Solution(
        new double[][] {u}, step.status(), spent + step.products(), step.residuals());
  }

  private double[] hypergradient(Evaluation point, double[] u) {
    double[] mixed =
        problem.mixedProductNeedsPass()
            ? oracle.mixedProduct(point, point.theta(), u, -1).values()
            : problem.penalty().mixedProduct(point.theta(), u, problem.penaltyPart(point.lambda()));
    return Vectors.scaled(-1, mixed);
  }
}
