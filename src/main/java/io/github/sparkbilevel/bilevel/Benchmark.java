package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.bilevel.CleaningSettings.WarmUp;
import io.github.sparkbilevel.bilevel.algorithm.AlgorithmResult;
import io.github.sparkbilevel.bilevel.algorithm.AlgorithmSettings;
import io.github.sparkbilevel.bilevel.algorithm.AlgorithmState;
import io.github.sparkbilevel.bilevel.algorithm.BilevelAlgorithm;
import io.github.sparkbilevel.bilevel.algorithm.CountedCost;
import io.github.sparkbilevel.bilevel.algorithm.NamedAlgorithm;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.Penalty;
import io.github.sparkbilevel.problem.oracle.BlockOracle;
import io.github.sparkbilevel.problem.oracle.Tally;
import io.github.sparkbilevel.problem.pass.PassEngine;
import io.github.sparkbilevel.problem.pass.PassLedger.Phase;
import io.github.sparkbilevel.solve.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Runs algorithms on one problem, from one start, and judges each of their λ alike: by Φ(λ) at the
 * solved lower level, whatever the algorithm itself believes of it.
 *
 * <p>All start at θ = 0 (networks are not for this) and the same λ; what an algorithm spends on
 * measuring step lengths or on a warm-up counts. Φ is evaluated outside the clock and outside the
 * account of passes, after iterations 0, 1, 2, … and then ever more rarely, each 1.15 times the one
 * before.
 */
public final class Benchmark {
  static final int REFRESH = 10;

  private final BenchmarkSetting setting;
  private final PassEngine engine;
  private final long rows;

  /**
   * A point of a run.
   *
   * @param seconds on the run's clock
   * @param cost passes, gradients, Hessian products and rows touched, so far
   * @param upperObjective Φ(λ); NaN where the lower level could not be solved
   * @param test figures of the test rows at θ*(λ)
   */
  public record Point(
      int iteration, double seconds, CountedCost cost, double upperObjective, Tally test) {}

  /**
   * A run.
   *
   * @param points in their order; empty where there is an objection
   * @param status how it ended; {@code CONVERGED} also where it reached the target
   * @param objection why the algorithm does not apply, or null
   */
  public record Curve(
      Contender contender, long seed, List<Point> points, Status status, String objection) {

    /** The first point at which Φ is no more than a target. */
    public Optional<Point> reached(double target) {
      return points.stream().filter(point -> point.upperObjective() <= target).findFirst();
    }

    /** The least Φ of the run; NaN where none is known. */
    public double least() {
      return points.stream()
          .mapToDouble(Point::upperObjective)
          .filter(Double::isFinite)
          .min()
          .orElse(Double.NaN);
    }
  }

  /** Ends a run whose listener cannot answer. */
  private static final class Enough extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Enough() {
      super(null, null, false, false);
    }
  }

  /**
   * Sets up; costs no pass.
   *
   * @param rows n, the number of training rows
   */
  public Benchmark(BenchmarkSetting setting, PassEngine engine, long rows) {
    if (setting.start().lambda().length > Tuning.MOST_KEPT) {
      throw new IllegalArgumentException(
          "got %,d entries of λ, expected at most %,d, which are kept for the evaluations"
              .formatted(setting.start().lambda().length, Tuning.MOST_KEPT));
    }
    this.setting = setting;
    this.engine = engine;
    this.rows = rows;
  }

  /** Runs a contender. */
  public Curve run(Contender contender, long seed) {
    try (BenchmarkJudge judge = new BenchmarkJudge(setting, engine, oracle())) {
      return switch (contender.algorithm()) {
        case Contender.NBO, Contender.LBFGS -> tuning(contender, seed, judge);
        case Contender.GRID, Contender.RANDOM -> search(contender, seed);
        default -> published(contender, seed, judge);
      };
    }
  }

  private Curve published(Contender contender, long seed, BenchmarkJudge judge) {
    BilevelAlgorithm algorithm = NamedAlgorithm.of(contender.algorithm()).create();
    AlgorithmSettings settings =
        contender.settings(setting.budget().iterations(), setting.start().bounds(), seed);
    Optional<String> objection = algorithm.objection(setting.problem(), settings);
    if (objection.isPresent()) {
      return new Curve(contender, seed, List.of(), Status.STALLED, objection.get());
    }
    try (BlockOracle oracle = oracle()) {
      AlgorithmState start =
          AlgorithmState.start(
              setting.problem(),
              new double[setting.problem().model().size()],
              setting.start().lambda().clone());
      engine.ledger().enter(Phase.WARM_UP);
      judge.begin();
      judge.sees(0, start.lambda());
      AlgorithmResult result =
          algorithm.run(
              oracle,
              start,
              settings,
              iterate -> judge.sees(iterate.iteration(), iterate.state().lambda()));
      judge.last(result.iterations(), result.state().lambda());
      return new Curve(contender, seed, judge.points(), judge.status(result.status()), null);
    }
  }

  private Curve tuning(Contender contender, long seed, BenchmarkJudge judge) {
    AlgorithmSettings.Bounds bounds = setting.start().bounds();
    NboSettings nbo =
        NboSettings.of(setting.solver().curvature())
            .withProducts(contender.count("T", setting.solver().products()))
            .withIterations(setting.budget().iterations())
            .withPatience(0)
            .withFactorRefresh(REFRESH)
            .withRows(1, -1, 1);
    TuningSettings settings =
        TuningSettings.of(setting.problem(), nbo)
            .from(setting.start().lambda().clone(), bounds.low(), bounds.high())
            .by(
                contender.algorithm().equals(Contender.NBO)
                    ? TuningSettings.Algorithm.NBO
                    : TuningSettings.Algorithm.LBFGS)
            .withTolerance(1e-9)
            .withSketchColumns(setting.solver().sketchColumns())
            .withStep(contender.number("step", setting.solver().step()))
            .warmedUp(new WarmUp(1e-2, 60))
            .onBackend(setting.solver().backend());
    judge.begin();
    Status status = Status.BUDGET_SPENT;
    try {
      Tuning tuning =
          new Tuning(
              settings,
              engine,
              rows,
              record -> {
                if (!judge.sees(record.iteration(), record.point().lambda())) {
                  throw new Enough();
                }
              });
      TuningResult result = tuning.run();
      status = result.course().status();
      judge.last(result.course().history().size() - 1, result.lambda());
    } catch (Enough enough) {
      // The budget of the run is spent, or its target reached; what it held is freed.
    }
    return new Curve(contender, seed, judge.points(), judge.status(status), null);
  }

  private Curve search(Contender contender, long seed) {
    BilevelProblem problem = setting.problem();
    if (problem.penaltySize() == 0) {
      return new Curve(
          contender,
          seed,
          List.of(),
          Status.STALLED,
          "the algorithm tries penalties, got none to tune");
    }
    int points = contender.count("points", 17);
    double[] range = setting.searches().range();
    PenaltySearch search =
        contender.algorithm().equals(Contender.GRID)
            ? PenaltySearch.grid(
                problem,
                List.of(Penalty.tuned(problem.model(), setting.searches().penalizeIntercept())),
                new PenaltySearch.Range(points, range[0], range[1]),
                setting.solver().curvature(),
                setting.solver().backend())
            : PenaltySearch.random(
                problem,
                new PenaltySearch.Range(points, range[0], range[1]),
                setting.solver().curvature(),
                setting.solver().backend(),
                seed);
    engine.ledger().enter(Phase.OUTER);
    List<Point> curve = new ArrayList<>();
    double least = Double.POSITIVE_INFINITY;
    Status status = Status.CONVERGED;
    for (PenaltySearch.Trial trial : search.run(engine, rows).trials()) {
      if (trial.status().isUsable() && trial.solution().upperObjective() < least) {
        least = trial.solution().upperObjective();
      }
      // The work of a trial is not told apart from that of the others; its passes are.
      curve.add(
          new Point(
              curve.size() + 1,
              trial.seconds(),
              new CountedCost(trial.passes(), -1, -1, -1),
              least,
              trial.solution().test()));
    }
    return new Curve(contender, seed, curve, status, null);
  }

  private BlockOracle oracle() {
    return new BlockOracle(setting.problem(), engine, setting.solver().backend(), rows);
  }
}
