package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.problem.oracle.BilevelOracle;
import io.github.sparkbilevel.problem.oracle.Evaluation;
import io.github.sparkbilevel.problem.snapshot.Snapshot;
import io.github.sparkbilevel.solve.Status;
import java.util.List;

/**
 * Descent on Φ within bounds: a direction by {@link ProjectedLbfgs}, then an {@link ArmijoSearch}
 * along it. Φ is not convex and has plateaus, where e^λ is so small or so large that nothing
 * depends on it; so it is the value that decides. A step that fails is tried again without memory
 * before the run ends.
 *
 * <p>How exactly Φ is evaluated follows what there is to gain: to a share of the last decrease.
 * When the decrease that a direction promises is no more than the error of Φ, the point is
 * evaluated more exactly, and when that is not possible, the run has converged: no step could be
 * told from noise.
 */
final class Descent implements OuterAlgorithm<DescentState> {
  /** An entry of λ is the logarithm of a penalty: e³ is a factor of 20. */
  private static final double MOST_MOVE = 3;

  private static final long MEMORY_BYTES = 512L << 20;
  private static final int MOST_MEMORY = 10;

  /** Errors of Φ relative to Φ: at the start, at best, and as a share of the last decrease. */
  private static final double FIRST_ACCURACY = 1e-3;

  private static final double BEST_ACCURACY = 1e-10;
  private static final double SHARE_OF_DECREASE = 1e-2;
  private static final double SHARPENING = 1e-2;

  private final OuterContext context;
  private final TuningSettings settings;
  private final UpperObjective objective;
  private final ProjectedLbfgs rule;
  private final ArmijoSearch search;

  /** Sets up the algorithm; costs no pass. */
  Descent(OuterContext context, TuningSettings settings) {
    this.context = context;
    this.settings = settings;
    this.objective = new UpperObjective(context.oracle(), context.system());
    this.rule =
        new ProjectedLbfgs(
            settings.low(), settings.high(), memory(settings.problem().sharedSize()), MOST_MOVE);
    this.search = new ArmijoSearch(objective, rule, BEST_ACCURACY);
  }

  private static int memory(int size) {
    long pair = 2L * 8 * size;
    return (int) Math.max(2, Math.min(MOST_MEMORY, MEMORY_BYTES / pair));
  }

  @Override
  public OuterStep<DescentState> step(BilevelOracle oracle, DescentState s) {
    UpperPoint at = s.at();
    double[] g = at.hypergradient();
    double[] d = rule.direction(at.lambda(), g);
    double promised = -Vectors.dot(g, d);
    if (promised <= 2 * at.error() || promised <= BEST_ACCURACY * Math.abs(at.value())) {
      return s.accuracy() <= BEST_ACCURACY || Vectors.normInf(d) == 0
          ? OuterStep.end(s, Status.CONVERGED)
          : OuterStep.within(sharpened(s));
    }
    int left = budget() - objective.evaluations();
    ArmijoSearch.Found found = search.along(at, d, s.accuracy(), left);
    DescentState spent = s.plus(found.products());
    if (found.point() != null) {
      return OuterStep.to(next(spent, found.point()), figures(found));
    }
    if (rule.hasMemory()) {
      rule.restart();
      return OuterStep.within(spent);
    }
    if (s.accuracy() > BEST_ACCURACY) {
      // Φ may have been estimated too low here for any other point to be below it.
      return OuterStep.within(sharpened(spent));
    }
    return OuterStep.end(spent, found.status());
  }

  private static IterationRecord.Step figures(ArmijoSearch.Found found) {
    double norm = Vectors.norm(found.point().hypergradient());
    return new IterationRecord.Step(norm, found.products(), found.length());
  }

  /** The state at a lower Φ; the rule learns from the step. */
  private DescentState next(DescentState s, UpperPoint lower) {
    UpperPoint at = s.at();
    learn(at, lower);
    double decrease = (at.value() - lower.value()) / Math.abs(at.value());
    double accuracy =
        Math.max(BEST_ACCURACY, Math.min(FIRST_ACCURACY, SHARE_OF_DECREASE * Math.abs(decrease)));
    return new DescentState(s.iteration() + 1, lower, accuracy, s.products());
  }

  /** The same λ, where Φ and its hypergradient are solved for once more, more accurately. */
  private DescentState sharpened(DescentState s) {
    double accuracy = Math.max(BEST_ACCURACY, SHARPENING * s.accuracy());
    UpperPoint sharper = objective.at(s.at().lambda(), s.at(), accuracy);
    return new DescentState(s.iteration(), sharper, accuracy, s.products() + sharper.products());
  }

  /** Runs from the λ of the settings; the caller releases the point of the last state. */
  OuterLoop.Result<DescentState> run() {
    context.oracle().ledger().enter(settings.phase());
    List<double[]> starts =
        settings.probes().isEmpty() ? List.of(settings.initialLambda()) : settings.probes();
    UpperPoint best = null;
    UpperPoint last = null;
    int products = 0;
    for (double[] lambda : starts) {
      if (last != null && isSameModel(last, lambda)) {
        continue;
      }
      if (last != null && last.hasLargeModels() && endsBefore(last, lambda)) {
        break;
      }
      UpperPoint at = objective.at(rule.project(lambda), last, FIRST_ACCURACY);
      products += at.products();
      if (last != null) {
        learn(last, at);
      }
      if (last != best) {
        last.release();
      }
      last = at;
      boolean better = best == null || !best.status().isUsable() || at.value() < best.value();
      if (better && (best == null || at.status().isUsable())) {
        if (best != null) {
          best.release();
        }
        best = at;
      }
    }
    if (last != best) {
      last.release();
    }
    DescentState first = new DescentState(0, best, FIRST_ACCURACY, products);
    Status status = best.status().isUsable() ? Status.BUDGET_SPENT : best.status();
    var figures = new IterationRecord.Step(Vectors.norm(best.hypergradient()), products, 0);
    return loop().run(new OuterStep<>(first, figures, status));
  }

  /** Whether the solution at a λ is known from a point: coefficients that are 0 stay so. */
  private boolean isSameModel(UpperPoint last, double[] lambda) {
    Evaluation at = last.evaluation();
    return context
        .oracle()
        .lower(null, lambda)
        .kinks()
        .filter(kinks -> kinks.keepZero(at.theta(), at.smoothGradient()))
        .isPresent();
  }

  /** Whether a step from a point, by what the rule has learned, goes less far than to a λ. */
  private boolean endsBefore(UpperPoint from, double[] next) {
    double[] way = Vectors.plus(next, -1, from.lambda());
    double[] d = rule.direction(from.lambda(), from.hypergradient());
    return Vectors.dot(d, way) < Vectors.dot(way, way);
  }

  private void learn(UpperPoint from, UpperPoint to) {
    rule.update(
        Vectors.plus(to.lambda(), -1, from.lambda()),
        Vectors.plus(to.hypergradient(), -1, from.hypergradient()));
  }

  /** Goes on from what an earlier run of the same settings put into its checkpoints. */
  OuterLoop.Result<DescentState> resume(Snapshot snapshot) {
    return loop().resume(snapshot);
  }

  private OuterLoop<DescentState> loop() {
    return new OuterLoop<>(context, this, newest -> true, this::settled);
  }

  /** Converged when Φ has fallen by no more than the tolerance within the patience. */
  private Status settled(List<IterationRecord> history, int chosen) {
    int patience = settings.nbo().patience();
    int last = history.size() - 1;
    if (patience < 1 || last < patience) {
      return Status.BUDGET_SPENT;
    }
    double now = history.get(last).figures().upper().loss();
    double before = history.get(last - patience).figures().upper().loss();
    return before - now <= settings.tolerance() * Math.abs(now)
        ? Status.CONVERGED
        : Status.BUDGET_SPENT;
  }

  @Override
  public String name() {
    return "lbfgs";
  }

  /** Evaluations of Φ, whose number is the budget. */
  @Override
  public int spent(DescentState state) {
    return objective.evaluations();
  }

  @Override
  public int budget() {
    return settings.nbo().iterations();
  }

  @Override
  public void save(DescentState state, Snapshot own) {
    rule.save(own.in("rule"));
    own.put("accuracy", state.accuracy());
    own.put("products", state.products());
    own.put("evaluations", objective.evaluations());
    state.at().save(own.in("point.upper"));
  }

  @Override
  public DescentState restore(int iteration, Evaluation point, Snapshot own) {
    rule.restore(own.in("rule"));
    objective.resumeAfter(own.integer("evaluations"));
    UpperPoint at = UpperPoint.restored(point, own.in("point.upper"));
    return new DescentState(iteration, at, own.number("accuracy"), own.integer("products"));
  }
}
