package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.bilevel.IterationRecord;
import io.github.sparkbilevel.bilevel.PenaltySearch;
import io.github.sparkbilevel.bilevel.TuningResult;
import io.github.sparkbilevel.data.Notice;
import io.github.sparkbilevel.ml.score.Summaries;
import io.github.sparkbilevel.problem.pass.PassLedger.Phase;
import io.github.sparkbilevel.spark.rows.DataRow.Part;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How a tuned model came about; saved with the model.
 *
 * @param trainRows training rows
 * @param validationRows rows that λ was tuned by
 * @param curvature how linear systems were solved
 * @param curvatureReason why so
 * @param status how the run ended
 * @param advice what that means
 * @param bestIteration the iteration whose λ was taken
 * @param evaluations how often the upper objective was evaluated
 * @param products Hessian products spent
 * @param upperObjective validation loss of the tuned model
 * @param selected the model that was taken: the tuned one, or that of a search that did better
 * @param passesByPhase passes by what they were spent on
 * @param seconds spent on load and solve
 * @param searches what the searches found, by name
 * @param droppedCount penalties on their upper bound
 * @param dropped the first thousand of their names
 * @param history an entry for each iteration; λ of more than 1,000 entries is left out
 * @param notices what was left out, added or reinterpreted; none in summaries of older models
 */
public record TuningSummary(
    long trainRows,
    long validationRows,
    String curvature,
    String curvatureReason,
    String status,
    String advice,
    int bestIteration,
    int evaluations,
    int products,
    double upperObjective,
    String selected,
    Map<String, Integer> passesByPhase,
    TuningRun.Seconds seconds,
    Map<String, Search> searches,
    long droppedCount,
    List<String> dropped,
    List<IterationRecord> history,
    List<Notice> notices) {

  /** Takes copies. */
  public TuningSummary {
    notices = notices == null ? List.of() : List.copyOf(notices);
  }

  private static final int MOST_NAMES = 1000;
  private static final int MOST_LAMBDA = 1000;

  /**
   * What a search found.
   *
   * @param upperObjective the least validation loss; NaN when no trial was usable
   * @param trials number of trials
   * @param passes passes of all of them
   * @param seconds seconds of all of them
   */
  public record Search(double upperObjective, int trials, int passes, double seconds) {}

  static TuningSummary of(TuningRun run) {
    TuningResult result = run.result();
    Map<String, Search> searches = new LinkedHashMap<>();
    run.searches().forEach((name, found) -> searches.put(name, search(found)));
    Map<Part, Long> rows = run.data().blocks().rows();
    return new TuningSummary(
        rows.get(Part.TRAIN),
        rows.get(Part.UPPER),
        run.curvature().curvature().label(),
        run.curvature().reason(),
        Summaries.word(result.status()),
        result.status().advice(),
        result.bestIteration(),
        result.evaluations(),
        result.products(),
        result.upperObjective(),
        run.selected().name(),
        Summaries.passes(
            run.engine().ledger(), Phase.WARM_UP, Phase.OUTER, Phase.POLISH, Phase.BASELINES),
        run.seconds(),
        searches,
        run.droppedCount(),
        run.dropped(MOST_NAMES),
        result.history().stream().map(TuningSummary::brief).toList(),
        run.notices());
  }

  private static Search search(PenaltySearch.Found found) {
    PenaltySearch.Trial last = found.trials().get(found.trials().size() - 1);
    double best = found.best() < 0 ? Double.NaN : found.bestTrial().upper().loss();
    return new Search(best, found.trials().size(), last.passes(), last.seconds());
  }

  private static IterationRecord brief(IterationRecord r) {
    return r.lambda().length <= MOST_LAMBDA
        ? r
        : new IterationRecord(
            r.iteration(),
            r.passes(),
            r.seconds(),
            r.upper(),
            r.heldOut(),
            r.test(),
            r.lowerObjective(),
            r.lowerGradientNorm(),
            r.hypergradientNorm(),
            r.products(),
            r.stepLength(),
            r.evaluations(),
            new double[0]);
  }

  /** Passes of the outer loop. */
  public int passes() {
    return passesByPhase.get(Summaries.word(Phase.OUTER));
  }
}
