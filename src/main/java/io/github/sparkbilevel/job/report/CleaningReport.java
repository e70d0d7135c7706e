package io.github.sparkbilevel.job.report;

import java.util.ArrayList;
import java.util.List;

/**
 * What a cleaning job found, as plain values for {@link CleaningPage}.
 *
 * <p>One rule for what a run does not have: an absent number is {@code NaN} (a count, −1), an
 * absent word is empty or null, an absent list is empty or null, and an absent part is null. The
 * page leaves such parts out and shows an en dash for such numbers.
 *
 * @param run what was run on what
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
 * @param passes the pass ledger
 * @param timings the phases of the run
 * @param settings the job file with every key resolved
 * @param warnings what the user should know, one sentence each
 */
public record CleaningReport(
    Run run,
    Headline headline,
    List<Iterate> history,
    int bestIteration,
    Histogram weights,
    Histogram quality,
    LabelMatrix labels,
    List<SuspiciousRow> suspicious,
    List<Candidate> candidates,
    Detection detection,
    List<PassGroup> passes,
    List<Timing> timings,
    String settings,
    List<String> warnings) {

  /** Takes copies. */
  public CleaningReport {
    if (run == null) {
      throw new IllegalArgumentException("got no run, expected the facts of the run");
    }
    history = copy(history);
    suspicious = copy(suspicious);
    candidates = copy(candidates);
    passes = copy(passes);
    timings = copy(timings);
    warnings = copy(warnings);
  }

  private static <T> List<T> copy(List<T> list) {
    return list == null ? List.of() : List.copyOf(list);
  }

  /**
   * What was run on what.
   *
   * @param title the title of the page, for example "digits with 40 % of the labels redrawn"
   * @param started date and time as they are to be shown
   */
  public record Run(
      String title,
      String job,
      List<DataSource> data,
      int features,
      int classes,
      String model,
      String upperVariable,
      String algorithm,
      String curvature,
      long seed,
      String version,
      String started,
      String sparkMaster) {
    /** Takes a copy. */
    public Run {
      data = copy(data);
    }
  }

  /**
   * A data set of the run.
   *
   * @param role "train", "trusted", "held out" or "test"
   * @param path where it was read from, or how it was drawn
   */
  public record DataSource(String role, String path, long rows) {}

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
   * Counts of rows in bins of equal width.
   *
   * @param all rows in each bin
   * @param wrong those of them with a wrong label; empty when the truth is not known
   */
  public record Histogram(double low, double high, List<Long> all, List<Long> wrong) {
    /** Takes copies. */
    public Histogram {
      all = copy(all);
      wrong = copy(wrong);
      if (!wrong.isEmpty() && wrong.size() != all.size()) {
        throw new IllegalArgumentException(
            "got %d bins of wrong labels, expected %d".formatted(wrong.size(), all.size()));
      }
    }

    /** A histogram of arrays; {@code wrong} is null when the truth is not known. */
    public static Histogram of(double low, double high, long[] all, long[] wrong) {
      return new Histogram(low, high, boxed(all), wrong == null ? List.of() : boxed(wrong));
    }

    private static List<Long> boxed(long[] counts) {
      List<Long> list = new ArrayList<>(counts.length);
      for (long count : counts) {
        list.add(count);
      }
      return list;
    }
  }

  /**
   * Given against suggested labels.
   *
   * @param names the label of each class
   * @param pairs the pairs that occur; the diagonal (label kept) may be among them
   */
  public record LabelMatrix(List<String> names, List<LabelPair> pairs) {
    /** Takes copies. */
    public LabelMatrix {
      names = copy(names);
      pairs = copy(pairs);
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
   * @param auroc of its own quality as a detector of bad labels
   * @param selected whether it won on the held-out trusted rows
   */
  public record Candidate(
      String name,
      double heldOutAccuracy,
      double heldOutLoss,
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

  /**
   * The passes of one name.
   *
   * @param kernels what was computed in the pass
   * @param bytesOut bytes broadcast to the executors, all passes together
   * @param bytesBack bytes reduced to the driver, all passes together
   */
  public record PassGroup(
      String name,
      String kernels,
      long count,
      long bytesOut,
      long bytesBack,
      double medianMillis,
      double totalMillis) {}

  /** A phase of the run and its duration. */
  public record Timing(String phase, double seconds) {}
}
