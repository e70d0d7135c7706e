package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.oracle.BilevelOracle;
import io.github.sparkbilevel.problem.oracle.BlockOracle;
import io.github.sparkbilevel.problem.oracle.Evaluation;
import io.github.sparkbilevel.problem.oracle.FoldRows;
import io.github.sparkbilevel.problem.oracle.FoldedOracle;
import io.github.sparkbilevel.problem.oracle.Tally;
import io.github.sparkbilevel.problem.pass.PassEngine;
import io.github.sparkbilevel.problem.pass.PassLedger;
import java.util.List;

/**
 * The lower level alone, solved to accuracy at a λ that stays where it is.
 *
 * <p>Costs 1 pass for each Newton step and 1 for each Hessian product (none with {@code exact}).
 *
 * @param problem the objectives
 * @param lambda λ
 * @param curvature how linear systems are solved
 * @param sketchColumns columns of the sketch of {@code nystrom-cg}
 * @param backend name of the dense backend, or {@code auto}
 */
public record FixedLambda(
    BilevelProblem problem,
    double[] lambda,
    Curvature curvature,
    int sketchColumns,
    String backend) {
  private static final double TOLERANCE = 1e-10;

  /** Of the gradient that other rows leave at the start. */
  private static final double REFIT_TOLERANCE = 1e-6;

  private static final double LEAST_GRADIENT = 1e-14;
  private static final int MOST_PASSES = 5000;
  private static final int REFRESH = 5;

  /** Solves until ‖∇G‖∞ is 1e-10 of that at θ = 0; rows is n. */
  public TuningResult run(PassEngine engine, long rows) {
    engine.ledger().enter(PassLedger.Phase.OUTER);
    return solve(engine, rows, problem.model().initial(0), TOLERANCE);
  }

  /**
   * Solves for other rows than those that λ was chosen with.
   *
   * @param engine over these rows
   * @param rows how many of them are trained on
   * @param start θ near the solution
   */
  public TuningResult refit(PassEngine engine, long rows, double[] start) {
    return solve(engine, rows, start, REFIT_TOLERANCE);
  }

  /**
   * Solves for the models of folds.
   *
   * @param start θ of all of them near the solution, one after the other
   * @return how well each does on the rows that judge it; empty where a solve failed
   */
  public List<Tally> judged(PassEngine engine, List<FoldRows> folds, double[] start) {
    try (BilevelOracle oracle = FoldedOracle.orPlain(problem, engine, backend, 0, folds)) {
      NewtonSystem system =
          new NewtonSystem(
              Curvature.chooseForFolds(problem).curvature(), 0, REFRESH, sketchColumns);
      var solved =
          new LowerSolver(REFIT_TOLERANCE, LEAST_GRADIENT, MOST_PASSES)
              .minimize(oracle.lower(null, lambda), start, system);
      Evaluation point = solved.point();
      point.release();
      return solved.status().isUsable()
          ? point.parts().stream().map(part -> ((Evaluation) part).upper()).toList()
          : List.of();
    }
  }

  private TuningResult solve(PassEngine engine, long rows, double[] start, double tolerance) {
    try (BlockOracle oracle = new BlockOracle(problem, engine, backend, rows)) {
      NewtonSystem system = new NewtonSystem(curvature, 0, REFRESH, sketchColumns);
      var solved =
          new LowerSolver(tolerance, LEAST_GRADIENT, MOST_PASSES)
              .minimize(oracle.lower(null, lambda), start, system);
      Evaluation point = solved.point();
      point.release();
      OuterCourse course = new OuterCourse(0, solved.status(), List.of());
      return new TuningResult(Solution.at(point), 1, solved.products(), course);
    }
  }
}
