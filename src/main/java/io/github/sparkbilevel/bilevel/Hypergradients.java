package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.curvature.CurvatureSettings;
import io.github.sparkbilevel.curvature.KroneckerSettings;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.problem.oracle.BilevelOracle;
import io.github.sparkbilevel.problem.oracle.Evaluation;
import io.github.sparkbilevel.problem.oracle.Extra;
import io.github.sparkbilevel.problem.oracle.LowerObjective;
import io.github.sparkbilevel.problem.training.Trained;
import io.github.sparkbilevel.problem.training.Training;
import io.github.sparkbilevel.solve.ConjugateGradient;
import io.github.sparkbilevel.solve.Status;
import java.util.ArrayList;
import java.util.List;

/**
 * Φ and ∇Φ at one λ, to high accuracy and by several methods: lower level to its solution, then H u
 * = ∇_θF and −∇²_λθ G · u.
 *
 * @param tolerance the lower level is solved until ‖∇_θG‖∞ is below this
 * @param maxPasses the most passes for the lower level
 * @param sketchColumns columns of the sketch of {@code nystrom-cg}
 */
public record Hypergradients(double tolerance, int maxPasses, int sketchColumns) {
  private static final double ADJOINT_TOLERANCE = 1e-13;
  private static final int ADJOINT_PRODUCTS = 2000;

  /** Solves of the lower level between two computations of what a preconditioner is made of. */
  private static final int REFRESH = 10;

  /** ‖∇G‖∞ below which rounding in float64 leaves nothing to gain. */
  private static final double FLOOR = 1e-14;

  /**
   * The solved lower level.
   *
   * @param evaluation at (θ*, λ); the caller releases it
   * @param upperObjective Φ(λ)
   */
  public record Solved(Evaluation evaluation, double upperObjective, Status status, int passes) {}

  /**
   * A method's answer.
   *
   * @param adjoint u
   * @param shared the gradient for the driver's λ
   * @param cost of the adjoint and the mixed product
   */
  public record Answer(
      Curvature method, double[] adjoint, double[] shared, Status status, Cost cost) {}

  /** What an answer took. */
  public record Cost(int passes, double seconds) {}

  /**
   * Solves the lower level as exactly as the numbers allow.
   *
   * @param curvature how its Newton steps are solved
   * @throws IllegalArgumentException before any pass, when that cannot work for the problem
   */
  public Solved solve(BilevelOracle oracle, double[] lambda, double[] start, Curvature curvature) {
    curvature.requireFits(oracle.problem(), sketchColumns);
    int before = oracle.ledger().passes();
    NewtonSystem system = new NewtonSystem(curvature, 0, REFRESH, sketchColumns);
    LowerObjective<Evaluation> lower = oracle.lower(null, lambda);
    // Newton converges quadratically: a last step far below the tolerance costs a pass or two.
    double target = Math.max(FLOOR, (curvature == Curvature.EXACT ? 1e-4 : 1e-2) * tolerance);
    var result = new LowerSolver(0, target, maxPasses).minimize(lower, start, system);
    Evaluation point = result.point();
    Status status =
        Vectors.normInf(point.gradient()) <= tolerance ? Status.CONVERGED : result.status();
    return new Solved(point, point.upper().loss(), status, oracle.ledger().passes() - before);
  }

  /**
   * θ of a network after stochastic training at a λ.
   *
   * <p>Cost: the passes of the training.
   */
  public static double[] trained(
      BilevelOracle oracle, double[] lambda, double[] start, Training training) {
    return trained(oracle.lower(null, lambda), start, training);
  }

  static double[] trained(LowerObjective<Evaluation> lower, double[] start, Training training) {
    return lower.trainAll(null, Trained.from(start, 1, training), training).theta();
  }

  /** The hypergradient by each of the methods. */
  public List<Answer> answers(BilevelOracle oracle, Solved solved, List<Curvature> methods) {
    Budget budget = new Budget(0, ADJOINT_PRODUCTS, KroneckerSettings.DEFAULT);
    List<Answer> answers = new ArrayList<>();
    for (Curvature method : methods) {
      answers.add(answer(oracle, solved.evaluation(), method, budget));
    }
    return answers;
  }

  /**
   * What an answer may take.
   *
   * @param damping δ
   * @param products the most Hessian products
   * @param factors how the Kronecker factors of a network are used
   */
  public record Budget(double damping, int products, KroneckerSettings factors) {}

  /**
   * The hypergradient at a point, by one method with a budget: its error by passes.
   *
   * @throws IllegalArgumentException before any pass, when the method cannot work for the problem
   */
  public Answer answer(BilevelOracle oracle, Evaluation point, Curvature method, Budget budget) {
    method.requireFits(oracle.problem(), sketchColumns);
    long start = System.nanoTime();
    int before = oracle.ledger().passes();
    double[] lambda = point.lambda();
    LowerObjective<Evaluation> lower = oracle.lower(point, lambda);
    double[] rightHandSide = point.upperGradient();
    NewtonSystem system =
        new NewtonSystem(
            method,
            budget.damping(),
            new CurvatureSettings(Integer.MAX_VALUE, sketchColumns, budget.factors()));
    Evaluation at = system.due() == Extra.NONE ? point : lower.at(point.theta(), system.due());
    var cg = new ConjugateGradient(budget.products(), ADJOINT_TOLERANCE);
    var solution = system.solve(lower, at, new double[][] {rightHandSide}, cg);
    if (at != point) {
      at.release();
    }
    double[] adjoint = solution.columns()[0];
    double[] mixed = oracle.mixedProduct(point, point.theta(), adjoint).values();
    double[] shared = oracle.problem().hypergradient(mixed, lambda);
    return new Answer(
        method,
        adjoint,
        shared,
        solution.status(),
        new Cost(oracle.ledger().passes() - before, (System.nanoTime() - start) / 1e9));
  }
}
