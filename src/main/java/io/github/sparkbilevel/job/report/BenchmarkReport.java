package io.github.sparkbilevel.job.report;

import java.util.List;

/**
 * What the page of a benchmark shows, as plain values, absent ones as {@link RunReport} has them.
 *
 * @param targets values of the upper objective
 * @param rows the contenders in the order of the table
 * @param courses every run
 */
public record BenchmarkReport(
    RunReport run, List<Double> targets, List<Row> rows, List<Course> courses) {

  /** Contenders whose curves are drawn, at most. */
  public static final int MOST_CURVES = Tone.values().length;

  /** Takes copies. */
  public BenchmarkReport {
    targets = RunReport.copy(targets);
    rows = RunReport.copy(rows);
    courses = RunReport.copy(courses);
  }

  /**
   * A contender; medians over its runs.
   *
   * @param objection why it does not apply; empty where it does
   * @param reached how many runs came to the least target
   * @param secondsToTarget on the run's clock
   * @param least the least upper objective of a run
   */
  public record Row(
      String name,
      String objection,
      int runs,
      int reached,
      double secondsToTarget,
      double passesToTarget,
      double rowsToTarget,
      double least,
      double passes,
      double seconds) {

    /** A contender that does not apply. */
    public static Row refused(String name, String objection) {
      return new Row(
          name,
          objection,
          0,
          -1,
          Double.NaN,
          Double.NaN,
          Double.NaN,
          Double.NaN,
          Double.NaN,
          Double.NaN);
    }
  }

  /** A run. */
  public record Course(String name, long seed, List<Step> steps) {
    /** Takes a copy. */
    public Course {
      steps = RunReport.copy(steps);
    }
  }

  /** A point of a run; negative counts are not known. */
  public record Step(
      double seconds, long passes, long rows, long gradients, long products, double value) {}
}
