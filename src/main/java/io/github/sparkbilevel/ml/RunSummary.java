package io.github.sparkbilevel.ml;

import com.fasterxml.jackson.annotation.JsonAlias;
import io.github.sparkbilevel.bilevel.IterationRecord;
import io.github.sparkbilevel.bilevel.OuterCourse;
import io.github.sparkbilevel.data.Notice;
import io.github.sparkbilevel.ml.prepare.PreparedData;
import io.github.sparkbilevel.problem.pass.PassLedger;
import io.github.sparkbilevel.problem.pass.PassLedger.Phase;
import io.github.sparkbilevel.spark.rows.DataRow.Part;
import java.util.List;
import java.util.Map;

/**
 * How a run of an estimator went.
 *
 * @param rows how many there were
 * @param solver how the problem was solved
 * @param cost what that took
 * @param history an entry for each outer iteration; λ of more than 1,000 entries is left out
 * @param notices what was left out, added or reinterpreted; none in summaries of older models
 */
public record RunSummary(
    Rows rows, Solver solver, Cost cost, List<IterationRecord> history, List<Notice> notices) {
  private static final int MOST_LAMBDA = 1000;

  /** Takes copies. */
  public RunSummary {
    notices = notices == null ? List.of() : List.copyOf(notices);
  }

  /**
   * Numbers of rows.
   *
   * @param train training rows
   * @param validation trusted rows, which λ was tuned by, with those held out
   * @param heldOut trusted rows that were held out
   * @param test test rows; 0 in summaries of older models
   */
  public record Rows(
      @JsonAlias("trainRows") long train,
      @JsonAlias({"validationRows", "trustedRows"}) long validation,
      @JsonAlias("heldOutRows") long heldOut,
      long test) {

    /** Those of prepared data. */
    public static Rows of(PreparedData data) {
      Map<Part, Long> rows = data.blocks().rows();
      long heldOut = rows.get(Part.HELD_OUT);
      return new Rows(
          rows.get(Part.TRAIN), rows.get(Part.UPPER) + heldOut, heldOut, rows.get(Part.TEST));
    }
  }

  /**
   * How a problem was solved.
   *
   * @param curvature how linear systems were solved
   * @param curvatureReason why so
   * @param bestIteration the iteration whose λ was taken
   * @param status how the outer loop ended
   * @param advice what that means, and what to try
   */
  public record Solver(
      String curvature, String curvatureReason, int bestIteration, String status, String advice) {}

  /** What a run took. */
  public record Cost(Passes passesByPhase, Seconds seconds) {}

  /**
   * Numbers of passes.
   *
   * @param warmUp fitted the lower level before λ moved
   * @param outer were those of the outer loop
   * @param polish fitted the lower level once more at the end
   * @param baselines fitted and scored the models that the result is compared with
   * @param scores scored the training rows
   * @param evaluation found how the upper objective depends on λ near the one that was chosen
   */
  public record Passes(
      @JsonAlias("warm-up") int warmUp,
      int outer,
      int polish,
      int baselines,
      int scores,
      int evaluation) {
    private static Passes of(PassLedger ledger) {
      return new Passes(
          ledger.passes(Phase.WARM_UP),
          ledger.passes(Phase.OUTER),
          ledger.passes(Phase.POLISH),
          ledger.passes(Phase.BASELINES),
          ledger.passes(Phase.SCORES),
          ledger.passes(Phase.EVALUATION));
    }
  }

  /**
   * Seconds of a run.
   *
   * @param load spent on standardising and partitioning
   * @param solve spent on all that leads to the learned λ and its model
   * @param baselines spent on the models that it is compared with
   */
  public record Seconds(double load, double solve, double baselines) {}

  /** The summary of a run. */
  public static RunSummary of(EstimatorRun run) {
    OuterCourse course = run.course();
    return new RunSummary(
        Rows.of(run.data()),
        new Solver(
            run.curvature().curvature().label(),
            run.curvature().reason(),
            course.bestIteration(),
            course.status().label(),
            course.status().advice()),
        new Cost(Passes.of(run.engine().ledger()), run.seconds()),
        course.history().stream().map(record -> record.brief(MOST_LAMBDA)).toList(),
        run.notices());
  }
}
