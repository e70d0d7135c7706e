package io.github.sparkbilevel.job.report;

import java.util.ArrayList;
import java.util.List;

/**
 * What a cleaning job found, as plain values for {@link CleaningPage}; {@link RunReport} says how
 * what a run does not have is left out.
 *
 * @param run what was run on what, and at what cost
 * @param headline what came out, in figures; null leaves the sentence out
 * @param history one entry per outer iteration, in order
 * @param bestIteration the {@link Iterate#iteration()} of the best iterate by held-out loss, −1
 *     when there is none
 * @param weights how the learned weights are spread
 * @param quality how the quality of the rows is spread
 * @param labels the given labels against the suggested ones
 * @param suspicious the most suspicious rows, the worst first
 * @param candidates the bilevel model and the baselines
 * @param detection how well the bad labels were found, where the truth is known
 */
public record CleaningReport(
    RunReport run,
    Headline headline,
    List<Iterate> history,
    int bestIteration,
    Histogram weights,
    Histogram quality,
    LabelMatrix labels,
    List<SuspiciousRow> suspicious,
    List<Candidate> candidates,
    Detection detection) {

  /** Takes copies. */
  public CleaningReport {
    if (run == null) {
      throw new IllegalArgumentException("got no run, expected its facts");
    }
    history = RunReport.copy(history);
    suspicious = RunReport.copy(suspicious);
    candidates = RunReport.copy(candidates);
  }

  /**
   * What came out, in figures.
   *
   * @param flagged rows whose label the selected model disputes
   * @param rows training rows
   * @param accuracyOn what the accuracies were measured on: "test" or "held-out"
   * @param before accuracy of the model trained on the noisy data
   * @param after accuracy of the selected model
   */
  public record Headline(long flagged, long rows, String accuracyOn, double before, double after) {}

  /** An outer iteration; {@code passes} and {@code seconds} count from the start of the run. */
  public record Iterate(
      int iteration,
      long passes,
      double seconds,
      double upperObjective,
      double heldOutObjective,
      double lowerObjective,
      double lowerGradientNorm,
      double hypergradientNorm,
      double heldOutAccuracy,
      double testLoss,
      double testAccuracy) {}

  /**
   * Given against suggested labels.
   *
   * @param names the label of each class
   * @param pairs the pairs that occur; the diagonal (label kept) may be among them
   */
  public record LabelMatrix(List<String> names, List<LabelPair> pairs) {
    /** Takes copies. */
    public LabelMatrix {
      names = RunReport.copy(names);
      pairs = RunReport.copy(pairs);
    }

    /** A matrix of counts, given label by suggested label. */
    public static LabelMatrix of(List<String> names, long[][] counts) {
      List<LabelPair> pairs = new ArrayList<>();
      for (int given = 0; given < counts.length; given++) {
        for (int suggested = 0; suggested < counts[given].length; suggested++) {
          if (counts[given][suggested] > 0) {
            pairs.add(new LabelPair(given, suggested, counts[given][suggested]));
          }
        }
      }
      return new LabelMatrix(names, pairs);
    }
  }

  /** How many rows have this given and this suggested class, by index from 0. */
  public record LabelPair(int given, int suggested, long rows) {}

  /**
   * A row whose label is probably wrong.
   *
   * @param truth the true label, empty or null when it is not known
   * @param picture the row as an image, null when it is none
   */
  public record SuspiciousRow(
      String id,
      String given,
      String suggested,
      double quality,
      double weight,
      String truth,
      Picture picture) {}

  /**
   * A model that could have been selected.
   *
   * @param name as shown, for example "trained on the trusted rows alone"
   * @param calibratedLoss on the held-out rows, at the temperature that suits the model best
   * @param auroc of its own quality as a detector of bad labels
   * @param selected whether it won on the held-out trusted rows
   */
  public record Candidate(
      String name,
      double heldOutAccuracy,
      double heldOutLoss,
      double calibratedLoss,
      double testAccuracy,
      double testLoss,
      double auroc,
      double averagePrecision,
      boolean selected) {}

  /**
   * How well the bad labels were found.
   *
   * @param bad rows whose label differs from the truth
   * @param flagged rows flagged
   */
  public record Detection(
      long bad,
      long flagged,
      double precision,
      double recall,
      double f1,
      Ranking quality,
      Ranking weight) {}

  /** How well a score ranks bad labels before good ones. */
  public record Ranking(double auroc, double averagePrecision) {}
}
