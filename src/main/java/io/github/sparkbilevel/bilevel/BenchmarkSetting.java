package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.bilevel.algorithm.AlgorithmSettings.Bounds;
import io.github.sparkbilevel.problem.BilevelProblem;

/**
 * The problem of a {@link Benchmark} and what a run may spend.
 *
 * @param problem λ is on the driver and not scored: penalties, weights of groups, or both
 * @param start where λ starts, and where it may go
 * @param solver what our own algorithms, the searches and the evaluations of Φ run with
 * @param budget what a run may spend
 * @param searches what the searches for one penalty try
 */
public record BenchmarkSetting(
    BilevelProblem problem, Start start, Solver solver, Budget budget, Searches searches) {

  /** Where λ starts, and the least and the greatest value of each entry. */
  public record Start(double[] lambda, Bounds bounds) {}

  /**
   * How Newton systems are solved, and what {@code nbo} runs with.
   *
   * @param curvature of {@code nbo}, {@code lbfgs}, the searches and the evaluations of Φ
   * @param products T of {@code nbo} unless a contender says otherwise
   * @param step length of λ's first steps, likewise
   * @param sketchColumns columns of the sketch of {@code nystrom-cg}
   * @param backend name of the dense backend, or {@code auto}
   */
  public record Solver(
      Curvature curvature, int products, double step, int sketchColumns, String backend) {}

  /**
   * What a run may spend; it ends with whatever is spent first. The searches try all their points.
   *
   * @param iterations outer iterations, or evaluations of Φ by {@code lbfgs}
   * @param seconds of its own clock
   * @param target a run that has reached this Φ ends; NaN for none
   */
  public record Budget(int iterations, double seconds, double target) {}

  /**
   * What the searches try.
   *
   * @param range the least and the greatest penalty
   * @param penalizeIntercept whether the one penalty of a grid takes in the intercepts
   */
  public record Searches(double[] range, boolean penalizeIntercept) {}

  /** The same for few iterations, and no target. */
  public BenchmarkSetting of(int iterations) {
    Budget few = new Budget(iterations, budget.seconds(), Double.NaN);
    return new BenchmarkSetting(problem, start, solver, few, searches);
  }
}
