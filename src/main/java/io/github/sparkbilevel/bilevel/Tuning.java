package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.bilevel.algorithm.AlgorithmSettings.Bounds;
import io.github.sparkbilevel.problem.oracle.BilevelOracle;
import io.github.sparkbilevel.problem.oracle.Evaluation;
import io.github.sparkbilevel.problem.oracle.FoldedOracle;
import io.github.sparkbilevel.problem.oracle.LowerObjective;
import io.github.sparkbilevel.problem.pass.PassEngine;
import io.github.sparkbilevel.problem.pass.PassLedger;
import io.github.sparkbilevel.problem.snapshot.Checkpoints;
import io.github.sparkbilevel.problem.snapshot.Snapshot;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Tunes hyperparameters: minimises Φ(λ), the validation loss of the model that λ trains, within
 * bounds.
 *
 * <p>By {@link Descent}: projected L-BFGS on the hypergradient of {@link UpperObjective}.
 *
 * <p>By {@link Nbo}: one inexact Newton step of the lower level for each step of λ, as published;
 * at the end the lower level is solved at the λ it came to. So it is for a {@link FieldAlgorithm}.
 */
public final class Tuning {
  /** After NBO the lower level is solved to this share of its gradient. */
  private static final double POLISH_TOLERANCE = 1e-4;

  static final int MOST_POLISH_PASSES = 200;

  /** λ of more entries is not kept in the history. */
  public static final int MOST_KEPT = 100_000;

  private final TuningSettings settings;
  private final PassEngine engine;
  private final BilevelOracle oracle;
  private final Consumer<IterationRecord> listener;
  private final Checkpoints checkpoints;

  /** Sets up a run that leaves no checkpoints. */
  public Tuning(
      TuningSettings settings, PassEngine engine, long rows, Consumer<IterationRecord> listener) {
    this(settings, engine, rows, listener, Checkpoints.NONE);
  }

  /**
   * Sets up a run; costs no pass.
   *
   * @param rows n, the number of training rows
   * @param listener told of every iteration
   * @param checkpoints where the state goes after every iteration, and what the run goes on from
   */
  public Tuning(
      TuningSettings settings,
      PassEngine engine,
      long rows,
      Consumer<IterationRecord> listener,
      Checkpoints checkpoints) {
    this.settings = settings;
    this.engine = engine;
    this.oracle =
        FoldedOracle.orPlain(
            settings.problem(), engine, settings.backend(), rows, settings.folds());
    this.listener = listener;
    this.checkpoints = checkpoints;
  }

  /** Runs; frees what it keeps beside the rows. */
  public TuningResult run() {
    try (oracle) {
      return switch (settings.algorithm()) {
        case LBFGS -> descent();
        case NBO -> joint();
      };
    }
  }

  private NewtonSystem system() {
    NboSettings nbo = settings.nbo();
    return new NewtonSystem(
        nbo.curvature(), nbo.damping(), nbo.factorRefresh(), settings.sketchColumns());
  }

  private TuningResult descent() {
    Descent descent =
        new Descent(new OuterContext(oracle, system(), listener, checkpoints), settings);
    Optional<Snapshot> saved = checkpoints.last();
    OuterLoop.Result<DescentState> run =
        saved.isPresent() ? descent.resume(saved.get()) : descent.run();
    DescentState last = run.last();
    last.at().release();
    Evaluation point = last.point();
    Solution best =
        new Solution(
            last.at().lambda(), point.theta(), last.at().value(), point.upper(), point.test());
    OuterCourse course =
        new OuterCourse(last.iteration(), run.course().status(), run.course().history());
    return new TuningResult(best, descent.spent(last), last.products(), course);
  }

  private TuningResult joint() {
    NewtonSystem system = system();
    LambdaRule rule = Adam.growing(settings.step(), settings.low(), settings.high());
    Optional<Snapshot> saved = checkpoints.last();
    int[] warmUpProducts = new int[1];
    Checkpoints kept = checkpoints.with(all -> all.put("warmUpProducts", warmUpProducts[0]));
    NboSettings until = settings.nbo().within(settings.tolerance());
    JointAlgorithm<?> algorithm =
        JointAlgorithm.of(
            new OuterContext(oracle, system, listener, kept),
            until,
            rule,
            new Bounds(settings.low(), settings.high()));
    OuterResult run;
    if (saved.isPresent()) {
      warmUpProducts[0] = saved.get().integer("warmUpProducts");
      run = algorithm.resume(saved.get());
    } else {
      LowerSolver.Result<Evaluation> start = warmUp(system);
      warmUpProducts[0] = start.products();
      run = algorithm.run(start.point());
    }
    LowerSolver.Result<Evaluation> solved = polish(run.best(), system);
    Evaluation point = solved.point();
    point.release();
    int products = warmUpProducts[0] + solved.products();
    OuterCourse course = run.course();
    for (IterationRecord record : course.history()) {
      products += record.step().products();
    }
    if (!solved.status().isUsable()) {
      course = new OuterCourse(course.bestIteration(), solved.status(), course.history());
    }
    return new TuningResult(Solution.at(point), course.history().size(), products, course);
  }

  private LowerSolver.Result<Evaluation> warmUp(NewtonSystem system) {
    engine.ledger().enter(PassLedger.Phase.WARM_UP);
    LowerObjective<Evaluation> lower = oracle.lower(null, settings.initialLambda());
    return new LowerSolver(settings.warmUp().tolerance(), 1e-12, settings.warmUp().maxPasses())
        .minimize(lower, oracle.start(), system);
  }

  private LowerSolver.Result<Evaluation> polish(Evaluation best, NewtonSystem system) {
    engine.ledger().enter(PassLedger.Phase.POLISH);
    return new LowerSolver(POLISH_TOLERANCE, 1e-12, MOST_POLISH_PASSES)
        .minimize(oracle.lower(best, best.lambda()), best, 0, system);
  }
}
