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
import io.github.sparkbilevel.problem.pass.PassLedger;
import io.github.sparkbilevel.problem.pass.PassLedger.Phase;
import io.github.sparkbilevel.problem.pass.Work;
import io.github.sparkbilevel.solve.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
  private static final double ACCURACY = 1e-7;
  private static final double THINNING = 1.15;
  private static final int REFRESH = 10;

  private final Setting setting;
  private final PassEngine engine;
  private final long rows;

  /**
   * The problem and what a run may spend.
   *
   * @param problem λ is on the driver and not scored: penalties, weights of groups, or both
   * @param lambda where λ starts
   * @param low the least value of each entry
   * @param high the greatest value of each
   * @param penalizeIntercept whether the one penalty of a grid takes in the intercepts
   * @param curvature of {@code nbo}, {@code lbfgs}, the searches and the evaluations of Φ
   * @param nbo products and lengths of steps of {@code nbo}
   * @param budget what a run may spend
   */
  public record Setting(
      BilevelProblem problem,
      double[] lambda,
      double[] low,
      double[] high,
      boolean penalizeIntercept,
      Curvature curvature,
      Nbo nbo,
      Budget budget) {

    /**
     * What {@code nbo} runs with.
     *
     * @param products T unless a contender says otherwise
     * @param step length of λ's first steps, likewise
     * @param sketchColumns columns of the sketch of {@code nystrom-cg}
     * @param backend name of the dense backend, or {@code auto}
     */
    public record Nbo(int products, double step, int sketchColumns, String backend) {}

    /** The same for few iterations, and no target. */
    public Setting of(int iterations) {
      return new Setting(
          problem,
          lambda,
          low,
          high,
          penalizeIntercept,
          curvature,
          nbo,
          new Budget(iterations, budget.seconds(), Double.NaN, budget.range()));
    }
  }

  /**
   * What a run may spend; it ends with whatever is spent first. The searches try all their points.
   *
   * @param iterations outer iterations, or evaluations of Φ by {@code lbfgs}
   * @param seconds of its own clock
   * @param target a run that has reached this Φ ends; NaN for none
   * @param range the least and the greatest penalty of the searches
   */
  public record Budget(int iterations, double seconds, double target, double[] range) {}

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
  public Benchmark(Setting setting, PassEngine engine, long rows) {
    if (setting.lambda().length > Tuning.MOST_KEPT) {
      throw new IllegalArgumentException(
          "got %,d entries of λ, expected at most %,d, which are kept for the evaluations"
              .formatted(setting.lambda().length, Tuning.MOST_KEPT));
    }
    this.setting = setting;
    this.engine = engine;
    this.rows = rows;
  }

  /** Runs a contender. */
  public Curve run(Contender contender, long seed) {
    try (Judge judge = new Judge()) {
      return switch (contender.algorithm()) {
        case Contender.NBO, Contender.LBFGS -> tuning(contender, seed, judge);
        case Contender.GRID, Contender.RANDOM -> search(contender, seed);
        default -> published(contender, seed, judge);
      };
    }
  }

  private Curve published(Contender contender, long seed, Judge judge) {
    BilevelAlgorithm algorithm = NamedAlgorithm.of(contender.algorithm()).create();
    AlgorithmSettings settings =
        contender.settings(
            setting.budget().iterations(),
            new AlgorithmSettings.Bounds(setting.low(), setting.high()),
            seed);
    Optional<String> objection = algorithm.objection(setting.problem(), settings);
    if (objection.isPresent()) {
      return new Curve(contender, seed, List.of(), Status.STALLED, objection.get());
    }
    try (BlockOracle oracle = oracle()) {
      AlgorithmState start =
          AlgorithmState.start(
              setting.problem(),
              new double[setting.problem().model().size()],
              setting.lambda().clone());
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
      return new Curve(contender, seed, judge.points, judge.status(result.status()), null);
    }
  }

  private Curve tuning(Contender contender, long seed, Judge judge) {
    NboSettings nbo =
        NboSettings.of(setting.curvature())
            .withProducts(contender.count("T", setting.nbo().products()))
            .withIterations(setting.budget().iterations())
            .withPatience(0)
            .withFactorRefresh(REFRESH)
            .withRows(1, -1, 1);
    TuningSettings settings =
        TuningSettings.of(setting.problem(), nbo)
            .from(setting.lambda().clone(), setting.low(), setting.high())
            .by(
                contender.algorithm().equals(Contender.NBO)
                    ? TuningSettings.Algorithm.NBO
                    : TuningSettings.Algorithm.LBFGS)
            .withTolerance(1e-9)
            .withSketchColumns(setting.nbo().sketchColumns())
            .withStep(contender.number("step", setting.nbo().step()))
            .warmedUp(new WarmUp(1e-2, 60))
            .onBackend(setting.nbo().backend());
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
    return new Curve(contender, seed, judge.points, judge.status(status), null);
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
    double[] range = setting.budget().range();
    PenaltySearch search =
        contender.algorithm().equals(Contender.GRID)
            ? PenaltySearch.grid(
                problem,
                Penalty.tuned(problem.model(), setting.penalizeIntercept()),
                new PenaltySearch.Range(points, range[0], range[1]),
                setting.curvature(),
                setting.nbo().backend())
            : PenaltySearch.random(
                problem,
                new PenaltySearch.Range(points, range[0], range[1]),
                setting.curvature(),
                setting.nbo().backend(),
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
    return new BlockOracle(setting.problem(), engine, setting.nbo().backend(), rows);
  }

  /** Evaluates Φ outside the clock and the account of a run. */
  private final class Judge implements AutoCloseable {
    private final List<Point> points = new ArrayList<>();
    private final BlockOracle oracle = oracle();
    private final UpperObjective objective =
        new UpperObjective(
            oracle,
            new NewtonSystem(
                setting.curvature().solves() ? setting.curvature() : Curvature.CG,
                0,
                REFRESH,
                setting.nbo().sketchColumns()));
    private UpperPoint warm;
    private CountedCost before;
    private long start;
    private long paused;
    private int next;

    /** Starts the clock. */
    void begin() {
      before = spent();
      start = System.nanoTime();
    }

    /** Notes a λ where one is due; false when the run is to end. */
    boolean sees(int iteration, double[] lambda) {
      if (iteration >= next) {
        note(iteration, lambda);
        next = Math.max(iteration + 1, (int) Math.ceil(THINNING * iteration));
      }
      return !isOver() && !isAtTarget();
    }

    private boolean isOver() {
      return seconds() >= setting.budget().seconds();
    }

    private boolean isAtTarget() {
      return points.get(points.size() - 1).upperObjective() <= setting.budget().target();
    }

    /** How a run ended whose algorithm says so: that this ended it, the algorithm cannot know. */
    Status status(Status said) {
      if (!said.isUsable()) {
        return said;
      }
      return isAtTarget() ? Status.CONVERGED : isOver() ? Status.BUDGET_SPENT : said;
    }

    /** Notes where a run ended, if that is not noted yet. */
    void last(int iteration, double[] lambda) {
      if (points.get(points.size() - 1).iteration() < iteration) {
        note(iteration, lambda);
      }
    }

    private double seconds() {
      return (System.nanoTime() - start - paused) / 1e9;
    }

    private void note(int iteration, double[] lambda) {
      long pause = System.nanoTime();
      double at = (pause - start - paused) / 1e9;
      CountedCost spent = difference(spent(), before);
      PassLedger ledger = engine.ledger();
      Phase phase = ledger.phase();
      ledger.enter(Phase.EVALUATION);
      UpperPoint point = objective.at(lambda.clone(), warm, ACCURACY);
      if (warm != null) {
        warm.release();
      }
      if (!point.isSolved()) {
        // The last λ may be too far away to start from.
        point.release();
        point = objective.at(lambda.clone(), null, ACCURACY);
      }
      warm = point;
      double value = point.isSolved() ? point.value() : Double.NaN;
      points.add(new Point(iteration, at, spent, value, point.evaluation().test()));
      ledger.enter(phase);
      paused += System.nanoTime() - pause;
    }

    private CountedCost spent() {
      PassLedger ledger = engine.ledger();
      Work work = Work.NONE;
      for (Phase phase : Phase.values()) {
        work = phase == Phase.EVALUATION ? work : work.plus(ledger.work(phase));
      }
      return new CountedCost(
          ledger.passes() - ledger.passes(Phase.EVALUATION),
          work.gradients(),
          work.products(),
          work.rows());
    }

    private static CountedCost difference(CountedCost now, CountedCost then) {
      return new CountedCost(
          now.passes() - then.passes(),
          now.gradients() - then.gradients(),
          now.products() - then.products(),
          now.rows() - then.rows());
    }

    @Override
    public void close() {
      if (warm != null) {
        warm.release();
      }
      oracle.close();
    }
  }

  /** The median and the quartiles of some numbers, by linear interpolation. */
  public static Map<String, Double> quartiles(List<Double> numbers) {
    double[] sorted = numbers.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    return Map.of(
        "lowerQuartile", quantile(sorted, 0.25),
        "median", quantile(sorted, 0.5),
        "upperQuartile", quantile(sorted, 0.75));
  }

  private static double quantile(double[] sorted, double share) {
    if (sorted.length == 0) {
      return Double.NaN;
    }
    double at = share * (sorted.length - 1);
    int below = (int) at;
    int above = Math.min(sorted.length - 1, below + 1);
    return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
  }
}
