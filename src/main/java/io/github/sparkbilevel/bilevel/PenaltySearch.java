package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.UpperVariable;
import io.github.sparkbilevel.problem.oracle.BilevelOracle;
import io.github.sparkbilevel.problem.oracle.Evaluation;
import io.github.sparkbilevel.problem.oracle.FoldRows;
import io.github.sparkbilevel.problem.oracle.FoldedOracle;
import io.github.sparkbilevel.problem.oracle.LowerObjective;
import io.github.sparkbilevel.problem.pass.PassEngine;
import io.github.sparkbilevel.solve.Status;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * What is done where there is no hypergradient: penalties are tried, and the one of least
 * validation loss is taken.
 *
 * <p>Rows have weight 1. Each fit starts from the one before it.
 *
 * @param problem the model, and the penalty that λ tunes
 * @param trials λ of each trial, in their order
 * @param curvature how the lower level is solved
 * @param sketchColumns columns of the sketch of {@code nystrom-cg}
 * @param backend name of the dense backend, or {@code auto}
 */
public record PenaltySearch(
    BilevelProblem problem,
    List<double[]> trials,
    Curvature curvature,
    int sketchColumns,
    String backend) {
  private static final int MOST_PASSES = 3000;
  private static final int REFRESH = 10;

  /** Keeps the coefficient of the greatest gradient at 0 in spite of rounding. */
  private static final double ROUNDED_UP = 1 + 1e-6;

  /**
   * How many penalties are tried, and between which.
   *
   * @param points 2 or more
   * @param low the least penalty, positive
   * @param high the greatest penalty
   */
  public record Range(int points, double low, double high) {}

  /** Which models a search keeps, and to what share of the first gradient it solves for them. */
  public enum Keep {
    /** Those that were the best so far: the driver need not hold the model of every trial. */
    BEST(1e-5),
    /** All of them, solved for as models that are handed out. */
    ALL(1e-9);

    private final double tolerance;

    Keep(double tolerance) {
      this.tolerance = tolerance;
    }
  }

  /**
   * A trial.
   *
   * @param solution of the lower level, with a model if it is to be kept
   * @param seconds since the search began, when it was done
   * @param passes of the search, when it was done
   */
  public record Trial(Solution solution, Status status, int passes, double seconds) {}

  /**
   * What a search found.
   *
   * @param trials all of them, in their order; one or more
   * @param best the trial of least validation loss; empty when none was usable
   */
  public record Found(List<Trial> trials, Optional<Trial> best) {

    /** The last trial, which knows what all of them cost. */
    public Trial last() {
      return trials.get(trials.size() - 1);
    }
  }

  /**
   * One penalty on a grid that is even in λ, from the strongest to the weakest.
   *
   * @param of the problem whose model is fitted
   * @param one the variables in place of those of {@code of}: λ has one entry
   */
  public static PenaltySearch grid(
      BilevelProblem of,
      List<UpperVariable> one,
      Range range,
      Curvature curvature,
      String backend) {
    List<double[]> trials = new ArrayList<>();
    for (double penalty : penalties(range.points, range.low, range.high)) {
      trials.add(new double[] {Math.log(penalty)});
    }
    BilevelProblem problem = new BilevelProblem(of.model(), one);
    return new PenaltySearch(problem, trials, curvature, Curvature.SKETCH_COLUMNS, backend);
  }

  /** The penalties of a grid, falling. */
  public static double[] penalties(int points, double low, double high) {
    if (points < 2 || !(low > 0) || !(high >= low)) {
      throw new IllegalArgumentException(
          "got %d penalties from %s to %s, expected 2 or more between positive ones, the least first"
              .formatted(points, low, high));
    }
    double[] penalties = new double[points];
    for (int i = 0; i < points; i++) {
      double share = (double) i / (points - 1);
      penalties[i] = Math.exp(Math.log(high) + share * (Math.log(low) - Math.log(high)));
    }
    return penalties;
  }

  /** The penalty that λ tunes, each entry of λ drawn on its own, evenly between the logarithms. */
  public static PenaltySearch random(
      BilevelProblem of, Range range, Curvature curvature, String backend, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<double[]> trials = new ArrayList<>();
    for (int i = 0; i < range.points; i++) {
      double[] lambda = new double[of.penaltySize()];
      Arrays.setAll(lambda, j -> random.nextDouble(Math.log(range.low), Math.log(range.high)));
      trials.add(lambda);
    }
    return new PenaltySearch(
        of.withoutWeights(), trials, curvature, Curvature.SKETCH_COLUMNS, backend);
  }

  /**
   * The least l1 penalty that leaves no coefficient but intercepts, ‖∇_θG‖∞ at their solution; or
   * the first trial's where that leaves some. Of a smooth penalty, which leaves all, the first
   * trial's.
   *
   * @param rows n
   */
  public double strongest(PassEngine engine, long rows) {
    double[] first = trials.get(0);
    if (!problem.hasKinks()) {
      return Math.exp(first[0]);
    }
    try (BilevelOracle oracle = FoldedOracle.orPlain(problem, engine, backend, rows, List.of())) {
      LowerObjective<Evaluation> lower = oracle.lower(null, first);
      NewtonSystem system = new NewtonSystem(curvature, 0, REFRESH, sketchColumns);
      Evaluation point =
          new LowerSolver(Keep.ALL.tolerance, 1e-14, MOST_PASSES)
              .minimize(lower, oracle.start(), system)
              .point();
      point.release();
      double[] widths = lower.kinks().orElseThrow().widths();
      double greatest = 0;
      for (int j = 0; j < widths.length; j++) {
        if (widths[j] > 0 && point.theta()[j] != 0) {
          return Math.exp(first[0]);
        }
        greatest =
            widths[j] > 0 ? Math.max(greatest, Math.abs(point.smoothGradient()[j])) : greatest;
      }
      return greatest * ROUNDED_UP;
    }
  }

  /** Fits and evaluates every trial; rows is n. */
  public Found run(PassEngine engine, long rows) {
    return run(engine, rows, List.of(), Keep.BEST);
  }

  /**
   * The same by the mean loss over folds.
   *
   * @param folds the cut; empty for validation rows
   */
  public Found run(PassEngine engine, long rows, List<FoldRows> folds, Keep keep) {
    long start = System.nanoTime();
    int before = engine.ledger().passes();
    List<Trial> done = new ArrayList<>();
    Trial best = null;
    try (BilevelOracle oracle = FoldedOracle.orPlain(problem, engine, backend, rows, folds)) {
      NewtonSystem system = new NewtonSystem(curvature, 0, REFRESH, sketchColumns);
      double target = 0;
      Evaluation point = null;
      for (double[] lambda : trials) {
        LowerObjective<Evaluation> lower = oracle.lower(null, lambda);
        Evaluation from =
            point == null
                ? lower.at(oracle.start(), system.due())
                : oracle.underPenalty(point, lambda);
        if (point == null) {
          target = keep.tolerance * Vectors.normInf(from.smoothGradient());
        }
        var solved = new LowerSolver(0, target, MOST_PASSES).minimize(lower, from, 0, system);
        Evaluation next =
            solved.point() == from && point != null
                ? lower.at(from.theta(), system.due())
                : solved.point();
        if (point != null) {
          point.release();
        }
        point = next;
        Solution solution = Solution.at(point);
        boolean better = isBetter(best, solution, solved.status());
        Trial trial =
            new Trial(
                better || keep == Keep.ALL ? solution : solution.withoutModel(),
                solved.status(),
                engine.ledger().passes() - before,
                (System.nanoTime() - start) / 1e9);
        done.add(trial);
        best = better ? trial : best;
      }
      if (point != null) {
        point.release();
      }
    }
    return new Found(List.copyOf(done), Optional.ofNullable(best));
  }

  private static boolean isBetter(Trial best, Solution found, Status status) {
    double loss = found.upperObjective();
    return status.isUsable()
        && Double.isFinite(loss)
        && (best == null || loss < best.solution.upperObjective());
  }
}
