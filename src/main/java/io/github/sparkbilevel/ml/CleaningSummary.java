package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.bilevel.VotedRows;
import io.github.sparkbilevel.problem.fit.ModelFigures;
import io.github.sparkbilevel.spark.score.Ranking;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How a cleaner's model came about; saved with the model.
 *
 * @param run rows, course and cost of the run
 * @param selected the model that won on the held-out rows
 * @param models figures of the bilevel model and the plain ones, by name
 * @param noise what was found wrong with the labels
 * @param lambda the upper variable on the driver, by name
 * @param annotators what is known of each annotator, by its column; none where rows had labels, and
 *     in summaries of older models
 */
public record CleaningSummary(
    RunSummary run,
    String selected,
    Map<String, ModelFigures> models,
    Noise noise,
    Map<String, Double> lambda,
    Map<String, VotedRows.Annotator> annotators) {

  /** Takes a copy. */
  public CleaningSummary {
    annotators =
        annotators == null
            ? Map.of()
            : Collections.unmodifiableMap(new LinkedHashMap<>(annotators));
  }

  /**
   * What was found wrong with the labels.
   *
   * @param flagged training rows whose label the model disputes
   * @param detection how well bad rows were found; null where the truth is not known
   */
  public record Noise(long flagged, Detection detection) {
    private static Noise of(DetectionReport report) {
      ScoreFigures.Counts counts = report.figures().counts();
      return new Noise(
          counts.flagged(),
          report.rankings().isEmpty()
              ? null
              : new Detection(
                  counts.bad(),
                  counts.rates(),
                  report.rankings().get(DetectionReport.QUALITY),
                  report.rankings().get(DetectionReport.WEIGHT)));
    }
  }

  /**
   * How well the bad rows were found, bad being the positive class.
   *
   * @param bad rows whose label is known to be wrong
   * @param rates how well the flags tell them
   * @param quality the ranking by quality
   * @param weight the ranking by weight
   */
  public record Detection(long bad, ScoreFigures.Rates rates, Ranking quality, Ranking weight) {}

  static CleaningSummary of(CleaningRun run) {
    Map<String, ModelFigures> models = new LinkedHashMap<>();
    run.result().models().forEach((name, candidate) -> models.put(name, candidate.figures()));
    return new CleaningSummary(
        RunSummary.of(run),
        run.result().selected(),
        models,
        Noise.of(run.detection()),
        run.lambda(Integer.MAX_VALUE),
        run.annotators());
  }
}
