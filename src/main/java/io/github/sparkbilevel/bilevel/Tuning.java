package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.BlockOracle;
import io.github.sparkbilevel.problem.Checkpoints;
import io.github.sparkbilevel.problem.Evaluation;
import io.github.sparkbilevel.problem.PassEngine;
import io.github.sparkbilevel.problem.PassLedger;
import io.github.sparkbilevel.problem.Snapshot;
import io.github.sparkbilevel.problem.Tally;
import io.github.sparkbilevel.solve.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Tunes hyperparameters: minimises Φ(λ), the validation loss of the model that λ trains, within
 * bounds.
 *
 * <p>By {@link ProjectedLbfgs} on the hypergradient of {@link UpperObjective}: a direction, then
 * steps along it, projected into the bounds, until Φ falls as it should (Armijo). Φ is not convex
 * and has plateaus, where e^λ is so small or so large that nothing depends on it; so it is the
 * value that decides. A step that fails is tried again without memory before the run ends.
 *
 * <p>How exactly Φ is evaluated follows what there is to gain: to a share of the last decrease.
 * When the decrease that a direction promises is no more than the error of Φ, the point is
 * evaluated more exactly, and when that is not possible, the run has converged: no step could be
 * told from noise.
 *
 * <p>By {@link Nbo}: one inexact Newton step of the lower level for each step of λ, as published;
 * at the end the lower level is solved at the λ it came to.
 */
public final class Tuning {
  /** An entry of λ is the logarithm of a penalty: e³ is a factor of 20. */
  private static final double MOST_MOVE = 3;

  private static final long MEMORY_BYTES = 512L << 20;
  private static final int MOST_MEMORY = 10;
  private static final int MOST_TRIALS = 12;
  private static final double ARMIJO = 1e-4;

  /** Errors of Φ relative to Φ: at the start, at best, and as a share of the last decrease. */
  private static final double FIRST_ACCURACY = 1e-3;

  private static final double BEST_ACCURACY = 1e-10;
  private static final double SHARE_OF_DECREASE = 1e-2;

  /** After NBO the lower level is solved to this share of its gradient. */
  private static final double POLISH_TOLERANCE = 1e-4;

  private static final int MOST_POLISH_PASSES = 200;

  /** λ of more entries is not kept in the history. */
  public static final int MOST_KEPT = 100_000;

  private final TuningSettings settings;
  private final BilevelProblem problem;
  private final PassEngine engine;
  private final BlockOracle oracle;
  private final Consumer<IterationRecord> listener;
  private final Checkpoints checkpoints;
  private final List<IterationRecord> history = new ArrayList<>();
  private final long startNanos = System.nanoTime();
  private double secondsBefore;

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
    this.problem = settings.problem();
    this.engine = engine;
    this.oracle = new BlockOracle(problem, engine, settings.backend(), rows);
    this.listener = listener;
    this.checkpoints = checkpoints;
  }

  /** Runs; frees what it keeps beside the rows. */
  public TuningResult run() {
    try (oracle) {
      return switch (settings.algorithm()) {
        case LBFGS -> new Descent().run();
        case NBO -> nbo();
      };
    }
  }

  private NewtonSystem system() {
    NboSettings nbo = settings.nbo();
    return new NewtonSystem(
        nbo.curvature(), nbo.damping(), nbo.factorRefresh(), settings.sketchColumns());
  }

  /** Projected L-BFGS on its way. */
  private final class Descent {
    private final NewtonSystem system = system();
    private final UpperObjective objective = new UpperObjective(oracle, system);
    private final ProjectedLbfgs rule =
        new ProjectedLbfgs(settings.low(), settings.high(), memory(), MOST_MOVE);
    private double accuracy = FIRST_ACCURACY;
    private UpperPoint point;
    private int products;
    private int k;
    private Status status;

    TuningResult run() {
      Optional<Snapshot> saved = checkpoints.last();
      if (saved.isPresent()) {
        restore(saved.get());
      }
      engine.ledger().enter(PassLedger.Phase.OUTER);
      if (saved.isEmpty()) {
        point = objective.at(rule.project(settings.initialLambda()), null, accuracy);
        products = point.products();
        status = point.status().isUsable() ? Status.BUDGET_SPENT : point.status();
        record(0, point, products, 0, objective.evaluations());
      }
      try {
        if (status == Status.BUDGET_SPENT) {
          checkpoints.offer(k, snapshot());
        }
        while (status == Status.BUDGET_SPENT
            && objective.evaluations() < settings.nbo().iterations()) {
          step();
        }
        if (status.isUsable()) {
          checkpoints.end(k, snapshot());
        }
      } catch (Throwable e) {
        checkpoints.cut();
        throw e;
      }
      point.release();
      return result(
          point.evaluation(), point.value(), k, objective.evaluations(), products, status);
    }

    /** A step that lowers Φ, or one of those towards it: more accuracy, or a memory less. */
    private void step() {
      engine.ledger().begin(k + 1);
      double[] g = point.hypergradient();
      double[] d = rule.direction(point.lambda(), g);
      double promised = -Vectors.dot(g, d);
      if (promised <= 2 * point.error() || promised <= BEST_ACCURACY * Math.abs(point.value())) {
        if (accuracy <= BEST_ACCURACY || Vectors.normInf(d) == 0) {
          status = Status.CONVERGED;
          return;
        }
        sharpen();
        return;
      }
      Step step = search(objective, rule, point, d, accuracy);
      products += step.products();
      if (step.point() == null) {
        if (rule.hasMemory()) {
          rule.restart();
        } else if (accuracy > BEST_ACCURACY) {
          sharpen(); // Φ here may have been estimated too low for any other point to be below it.
        } else {
          status = step.status();
        }
        return;
      }
      UpperPoint next = step.point();
      rule.update(
          Vectors.plus(next.lambda(), -1, point.lambda()),
          Vectors.plus(next.hypergradient(), -1, g));
      double decrease = (point.value() - next.value()) / Math.abs(point.value());
      accuracy =
          Math.max(BEST_ACCURACY, Math.min(FIRST_ACCURACY, SHARE_OF_DECREASE * Math.abs(decrease)));
      point.release();
      point = next;
      k++;
      record(k, point, step.products(), step.length(), objective.evaluations());
      if (hasSettled()) {
        status = Status.CONVERGED;
      } else {
        checkpoints.offer(k, snapshot());
      }
    }

    /** Solves for Φ and its hypergradient once more where λ is, more accurately. */
    private void sharpen() {
      accuracy = Math.max(BEST_ACCURACY, 1e-2 * accuracy);
      UpperPoint sharper = objective.at(point.lambda(), point, accuracy);
      products += sharper.products();
      point.release();
      point = sharper;
    }

    private Snapshot snapshot() {
      Snapshot all = new Snapshot();
      all.put("spent", objective.evaluations());
      oracle.save(all.in("oracle"));
      system.save(all.in("system"));
      Snapshot own = all.in("lbfgs");
      IterationRecord.save(history, own);
      rule.save(own.in("rule"));
      own.put("accuracy", accuracy);
      own.put("products", products);
      own.put("iteration", k);
      own.put("evaluations", objective.evaluations());
      own.putText("status", status::name);
      oracle.save(point.evaluation(), own.in("point"));
      point.save(own.in("point.upper"));
      return all;
    }

    private void restore(Snapshot all) {
      oracle.restore(all.in("oracle"));
      system.restore(all.in("system"));
      Snapshot own = all.in("lbfgs");
      history.addAll(IterationRecord.restored(own));
      secondsBefore = history.get(history.size() - 1).seconds();
      rule.restore(own.in("rule"));
      accuracy = own.number("accuracy");
      products = own.integer("products");
      k = own.integer("iteration");
      objective.resumeAfter(own.integer("evaluations"));
      status = Status.valueOf(own.text("status"));
      point = UpperPoint.restored(oracle.evaluation(own.in("point")), own.in("point.upper"));
    }
  }

  private int memory() {
    long pair = 2L * 8 * problem.sharedSize();
    return (int) Math.max(2, Math.min(MOST_MEMORY, MEMORY_BYTES / pair));
  }

  /** Where a line search ended; no point when no step lowered Φ. */
  private record Step(UpperPoint point, double length, int products, Status status) {}

  /** The first of the steps 1, … along d, shortened by interpolation, that lowers Φ enough. */
  private Step search(
      UpperObjective objective,
      ProjectedLbfgs rule,
      UpperPoint point,
      double[] d,
      double accuracy) {
    double length = 1;
    int products = 0;
    int left = settings.nbo().iterations() - objective.evaluations();
    for (int trial = 0; trial < Math.min(MOST_TRIALS, left); trial++) {
      double[] lambda = rule.project(Vectors.plus(point.lambda(), length, d));
      double slope = Vectors.dot(point.hypergradient(), Vectors.plus(lambda, -1, point.lambda()));
      UpperPoint next = objective.at(lambda, point, accuracy);
      products += next.products();
      double rise = next.value() - point.value();
      boolean known =
          Double.isFinite(rise) && Vectors.isFinite(next.hypergradient()) && next.isSolved();
      // What the errors could have made of a step that lowers Φ is not held against it, but only a
      // value that is lower is taken.
      if (known && rise < 0 && rise <= ARMIJO * slope + point.error() + next.error()) {
        return new Step(next, length, products, Status.BUDGET_SPENT);
      }
      next.release();
      if (-slope <= BEST_ACCURACY * Math.abs(point.value())) {
        break; // A shorter step could not be told from none.
      }
      double best = known && rise > slope ? -slope / (2 * (rise - slope)) : 0.1;
      length *= Math.max(0.1, Math.min(0.5, best));
    }
    return new Step(null, 0, products, Status.STALLED);
  }

  /** Whether Φ has fallen by no more than the tolerance within the patience. */
  private boolean hasSettled() {
    int patience = settings.nbo().patience();
    int last = history.size() - 1;
    if (patience < 1 || last < patience) {
      return false;
    }
    double now = history.get(last).upper().loss();
    return history.get(last - patience).upper().loss() - now
        <= settings.tolerance() * Math.abs(now);
  }

  private TuningResult nbo() {
    NewtonSystem system = system();
    LambdaRule rule = Adam.growing(settings.step(), settings.low(), settings.high());
    Optional<Snapshot> saved = checkpoints.last();
    int[] warmUpProducts = new int[1];
    Checkpoints kept = checkpoints.with(all -> all.put("warmUpProducts", warmUpProducts[0]));
    NboSettings until = settings.nbo().within(settings.tolerance());
    Nbo nbo = new Nbo(oracle, until, rule, system, listener, kept);
    Nbo.Result result;
    if (saved.isPresent()) {
      warmUpProducts[0] = saved.get().integer("warmUpProducts");
      oracle.restore(saved.get().in("oracle"));
      system.restore(saved.get().in("system"));
      result = nbo.resume(saved.get());
    } else {
      engine.ledger().enter(PassLedger.Phase.WARM_UP);
      double[] zero = new double[problem.model().size()];
      var warmUp =
          new LowerSolver(settings.warmUp().tolerance(), 1e-12, settings.warmUp().maxPasses())
              .minimize(oracle.lower(null, settings.initialLambda()), zero, system);
      warmUpProducts[0] = warmUp.products();
      result = nbo.run(warmUp.point());
    }
    history.addAll(result.history());
    engine.ledger().enter(PassLedger.Phase.POLISH);
    Evaluation best = result.best();
    var solved =
        new LowerSolver(POLISH_TOLERANCE, 1e-12, MOST_POLISH_PASSES)
            .minimize(oracle.lower(best, best.lambda()), best, 0, system);
    Evaluation point = solved.point();
    point.release();
    int products = warmUpProducts[0] + solved.products();
    for (IterationRecord record : result.history()) {
      products += record.products();
    }
    Status status = solved.status().isUsable() ? result.status() : solved.status();
    return result(
        point, point.upper().loss(), result.bestIteration(), history.size(), products, status);
  }

  private TuningResult result(
      Evaluation point, double value, int best, int evaluations, int products, Status status) {
    return new TuningResult(
        point.lambda(),
        point.theta(),
        value,
        point.upper(),
        point.test(),
        best,
        evaluations,
        products,
        status,
        List.copyOf(history));
  }

  private void record(int k, UpperPoint point, int products, double length, int evaluations) {
    Evaluation at = point.evaluation();
    Tally upper = at.upper();
    double[] lambda = point.lambda();
    IterationRecord record =
        new IterationRecord(
            k,
            engine.ledger().passes(PassLedger.Phase.OUTER),
            secondsBefore + (System.nanoTime() - startNanos) / 1e9,
            new Tally(point.value(), upper.accuracy(), upper.standardError(), upper.rows()),
            at.heldOut(),
            at.test(),
            at.value(),
            Vectors.norm(at.gradient()),
            Vectors.norm(point.hypergradient()),
            products,
            length,
            evaluations,
            lambda.length > MOST_KEPT ? new double[0] : lambda.clone());
    history.add(record);
    listener.accept(record);
  }
}
