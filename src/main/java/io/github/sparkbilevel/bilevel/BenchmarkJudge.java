package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.bilevel.Benchmark.Point;
import io.github.sparkbilevel.bilevel.BenchmarkSetting.Budget;
import io.github.sparkbilevel.bilevel.algorithm.CountedCost;
import io.github.sparkbilevel.problem.oracle.BlockOracle;
import io.github.sparkbilevel.problem.pass.PassEngine;
import io.github.sparkbilevel.problem.pass.PassLedger;
import io.github.sparkbilevel.problem.pass.PassLedger.Phase;
import io.github.sparkbilevel.problem.pass.Work;
import io.github.sparkbilevel.solve.Status;
import java.util.ArrayList;
import java.util.List;

/** Evaluates Φ outside the clock and the account of a run of a {@link Benchmark}. */
final class BenchmarkJudge implements AutoCloseable {
  private static final double ACCURACY = 1e-7;
  private static final double THINNING = 1.15;

  private final List<Point> points = new ArrayList<>();
  private final Budget budget;
  private final PassEngine engine;
  private final BlockOracle oracle;
  private final UpperObjective objective;
  private UpperPoint warm;
  private CountedCost before;
  private long start;
  private long paused;
  private int next;

  /**
   * Takes what it evaluates by.
   *
   * @param oracle closed with the judge
   */
  BenchmarkJudge(BenchmarkSetting setting, PassEngine engine, BlockOracle oracle) {
    this.budget = setting.budget();
    this.engine = engine;
    this.oracle = oracle;
    Curvature curvature = setting.solver().curvature();
    NewtonSystem system =
        new NewtonSystem(
            curvature.solves() ? curvature : Curvature.CG,
            0,
            Benchmark.REFRESH,
            setting.solver().sketchColumns());
    this.objective = new UpperObjective(oracle, system);
  }

  /** The λ that were noted, in their order. */
  List<Point> points() {
    return points;
  }

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
    return seconds() >= budget.seconds();
  }

  private boolean isAtTarget() {
    return points.get(points.size() - 1).upperObjective() <= budget.target();
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
