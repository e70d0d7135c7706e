package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.bilevel.CleaningResult;
import io.github.sparkbilevel.bilevel.IterationRecord;
import io.github.sparkbilevel.data.Notice;
import io.github.sparkbilevel.ml.prepare.Problems;
import io.github.sparkbilevel.ml.score.Summaries;
import io.github.sparkbilevel.problem.fit.ModelFigures;
import io.github.sparkbilevel.problem.pass.PassLedger.Phase;
import io.github.sparkbilevel.spark.rows.DataRow.Part;
import io.github.sparkbilevel.spark.score.Ranking;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How a cleaner's model came about; saved with the model.
 *
 * @param trainRows training rows
 * @param trustedRows trusted rows, with those held out
 * @param heldOutRows trusted rows that were held out
 * @param classes names of the classes
 * @param curvature how linear systems were solved
 * @param curvatureReason why so
 * @param status how the outer loop ended
 * @param bestIteration the iteration whose λ was taken
 * @param selected the model that won on the held-out rows
 * @param passesByPhase passes by what they were spent on
 * @param seconds spent on load, solve and baselines
 * @param models figures of the bilevel model and the plain ones, by name
 * @param flagged training rows whose label the model disputes
 * @param detection how well bad rows were found; null where the truth is not known
 * @param lambda the upper variable on the driver, by name
 * @param history an entry for each outer iteration
 * @param notices what was left out, added or reinterpreted; none in summaries of older models
 */
public record CleaningSummary(
    long trainRows,
    long trustedRows,
    long heldOutRows,
    List<String> classes,
    String curvature,
    String curvatureReason,
    String status,
    int bestIteration,
    String selected,
    Map<String, Integer> passesByPhase,
    CleaningRun.Seconds seconds,
    Map<String, ModelFigures> models,
    long flagged,
    Detection detection,
    Map<String, Double> lambda,
    List<IterationRecord> history,
    List<Notice> notices) {

  /** Takes copies. */
  public CleaningSummary {
    notices = notices == null ? List.of() : List.copyOf(notices);
  }

  /**
   * How well the bad rows were found, bad being the positive class.
   *
   * @param bad rows whose label is known to be wrong
   * @param precision share of the flagged rows that are bad
   * @param recall share of the bad rows that are flagged
   * @param f1 their harmonic mean
   * @param quality the ranking by quality
   * @param weight the ranking by weight
   */
  public record Detection(
      long bad, double precision, double recall, double f1, Ranking quality, Ranking weight) {}

  static CleaningSummary of(CleaningRun run) {
    CleaningResult result = run.result();
    Map<Part, Long> rows = run.data().blocks().rows();
    DetectionReport report = run.detection();
    ScoreFigures figures = report.figures();
    Map<String, ModelFigures> models = new LinkedHashMap<>();
    result.models().forEach((name, candidate) -> models.put(name, candidate.figures()));
    return new CleaningSummary(
        rows.get(Part.TRAIN),
        rows.get(Part.UPPER) + rows.get(Part.HELD_OUT),
        rows.get(Part.HELD_OUT),
        List.copyOf(run.data().tables().classes().names()),
        run.curvature().curvature().label(),
        run.curvature().reason(),
        Summaries.word(result.status()),
        result.bestIteration(),
        result.selected(),
        Summaries.passes(
            run.engine().ledger(),
            Phase.WARM_UP,
            Phase.OUTER,
            Phase.POLISH,
            Phase.BASELINES,
            Phase.SCORES),
        run.seconds(),
        models,
        figures.flagged(),
        report.rankings().isEmpty()
            ? null
            : new Detection(
                figures.bad(),
                figures.precision(),
                figures.recall(),
                figures.f1(),
                report.rankings().get(DetectionReport.QUALITY),
                report.rankings().get(DetectionReport.WEIGHT)),
        Summaries.named(
            Problems.names(run.upper(), run.problem(), run.data()), result.learned().lambda()),
        result.history(),
        run.notices());
  }

  /** Passes of the outer loop. */
  public int passes() {
    return passesByPhase.get(Summaries.word(Phase.OUTER));
  }
}
