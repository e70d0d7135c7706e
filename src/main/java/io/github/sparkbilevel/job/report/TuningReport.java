package io.github.sparkbilevel.job.report;

import java.util.List;

/**
 * What a tuning job found, as plain values for {@link TuningPage}; {@link RunReport} says how what
 * a run does not have is left out.
 *
 * <p>Its size does not grow with the number of hyperparameters: of those it holds a histogram and
 * chosen ones.
 *
 * @param run what was run on what, and at what cost
 * @param headline what came out, in figures; null leaves the sentence out
 * @param history one entry per outer iteration, in order, the start among them as iteration 0
 * @param bestIteration the {@link Iterate#iteration()} of the best iterate by validation loss, −1
 *     when there is none
 * @param candidates the tuned model and what it was compared with
 * @param searches the baselines that looked for their hyperparameters; the first {@link
 *     #MOST_SEARCHES} are drawn
 * @param hyperparameters how the penalties came out
 */
public record TuningReport(
    RunReport run,
    Headline headline,
    List<Iterate> history,
    int bestIteration,
    List<Candidate> candidates,
    List<Search> searches,
    Hyperparameters hyperparameters) {

  /** More searches than this are not drawn. */
  public static final int MOST_SEARCHES = 3;

  /** More penalties than this are not listed, the largest and the smallest by themselves. */
  public static final int MOST_PENALTIES = 20;

  /** More paths of λ than this are not drawn. */
  public static final int MOST_PATHS = 12;

  /** More dropped names than this are not listed. */
  public static final int MOST_DROPPED = 1000;

  /** Takes copies. */
  public TuningReport {
    if (run == null) {
      throw new IllegalArgumentException("got no run, expected its facts");
    }
    history = RunReport.copy(history);
    candidates = RunReport.copy(candidates);
    searches = RunReport.copy(searches);
    if (hyperparameters != null) {
      for (Path path : hyperparameters.paths()) {
        if (path.lambdas().size() != history.size()) {
          throw new IllegalArgumentException(
              "got %d values of λ on the path of %s, expected %d, one per iteration"
                  .formatted(path.lambdas().size(), path.name(), history.size()));
        }
      }
    }
  }

  /**
   * What came out, in figures.
   *
   * @param start validation loss at the initial λ
   * @param end validation loss of the selected model
   * @param bestSinglePenalty validation loss of the best point of the grid, where it was run
   * @param testMetric what {@code test} is: "test accuracy" or "test RMSE"
   * @param test the selected model's value of it
   */
  public record Headline(
      double start, double end, double bestSinglePenalty, String testMetric, double test) {}

  /**
   * An outer iteration; counts and seconds are sums from the start of the tuning.
   *
   * @param evaluations evaluations of the upper objective
   * @param upperObjective loss on the validation rows
   * @param heldOutObjective loss on rows that did not guide λ
   * @param testRmse root of the mean squared error, for squared loss
   */
  public record Iterate(
      int iteration,
      long evaluations,
      long passes,
      double seconds,
      double upperObjective,
      double heldOutObjective,
      double lowerObjective,
      double lowerGradientNorm,
      double hypergradientNorm,
      double testLoss,
      double testAccuracy,
      double testRmse) {}

  /**
   * A model that could have been selected.
   *
   * @param name as shown, for example "best single penalty of the grid"
   * @param evaluations values of the hyperparameters that were tried, each with a fit of its own
   * @param secondsToBest from the start of its own search until its best value was there
   * @param seconds of its whole search
   * @param selected whether it is the one returned
   */
  public record Candidate(
      String name,
      long evaluations,
      double upperObjective,
      double testLoss,
      double testAccuracy,
      double testRmse,
      long passes,
      double secondsToBest,
      double seconds,
      boolean selected) {}

  /**
   * What a baseline tried, in order: it draws the baseline's best value so far by pass and by
   * second, and its value by penalty.
   *
   * @param name as short as a legend wants it: "grid", "random", "MLlib grid"
   */
  public record Search(String name, List<Trial> trials) {
    /** Takes a copy. */
    public Search {
      trials = RunReport.copy(trials);
    }
  }

  /**
   * A fit of a search.
   *
   * @param penalty e^λ, where one number is all that is tried; otherwise not a number
   * @param passes from the start of the search to the end of this fit; −1 where they are not
   *     counted
   * @param seconds from the start of the search to the end of this fit
   * @param upperObjective loss on the validation rows
   */
  public record Trial(double penalty, long passes, double seconds, double upperObjective) {}

  /**
   * How the penalties came out.
   *
   * @param unit what each belongs to, in the plural: "features", "classes", "coefficients",
   *     "groups"
   * @param count hyperparameters tuned
   * @param dropped those whose λ is at the upper bound
   * @param atLowerBound those whose λ is at the lower bound
   * @param droppedNames the names of the dropped, as many as are to be listed
   * @param largest the largest below the upper bound, the largest first
   * @param smallest the smallest, the smallest first
   * @param histogram counts of all λ
   * @param paths the course of chosen λ
   */
  public record Hyperparameters(
      String unit,
      long count,
      long dropped,
      long atLowerBound,
      List<String> droppedNames,
      List<Penalty> largest,
      List<Penalty> smallest,
      Histogram histogram,
      List<Path> paths) {
    /** Takes copies. */
    public Hyperparameters {
      unit = unit == null || unit.isBlank() ? "hyperparameters" : unit;
      droppedNames = RunReport.copy(droppedNames);
      largest = RunReport.copy(largest);
      smallest = RunReport.copy(smallest);
      paths = RunReport.copy(paths);
    }
  }

  /** A penalty by name; {@code lambda} is the logarithm of the penalty. */
  public record Penalty(String name, double lambda) {}

  /** The λ of one penalty, one per entry of {@link TuningReport#history()}. */
  public record Path(String name, List<Double> lambdas) {
    /** Takes a copy. */
    public Path {
      lambdas = RunReport.copy(lambdas);
    }
  }
}
