package io.github.sparkbilevel.job.report;

import java.util.List;

/**
 * What every job's page says about its run: facts, cost, settings and warnings, as plain values.
 *
 * <p>One rule for what a run does not have, here and in the report of every job: an absent number
 * is {@code NaN} (a count, −1), an absent word is empty or null, an absent list is empty or null,
 * and an absent part is null. The page leaves such parts out and shows an en dash for such numbers.
 *
 * @param facts what was run on what
 * @param passes the pass ledger
 * @param timings the phases of the run
 * @param settings the job file with every key resolved
 * @param warnings what the user should know, one sentence each
 */
public record RunReport(
    Facts facts,
    List<PassGroup> passes,
    List<Timing> timings,
    String settings,
    List<String> warnings) {

  /** Takes copies. */
  public RunReport {
    if (facts == null) {
      throw new IllegalArgumentException("got no facts, expected what was run on what");
    }
    passes = copy(passes);
    timings = copy(timings);
    warnings = copy(warnings);
  }

  /** An unchangeable copy; of an absent list, an empty one. */
  static <T> List<T> copy(List<T> list) {
    return list == null ? List.of() : List.copyOf(list);
  }

  /**
   * What was run on what.
   *
   * @param title the title of the page, for example "digits with 40 % of the labels redrawn"
   * @param features −1 where several data sets have theirs
   * @param classes −1 for a model without classes, or likewise
   * @param started date and time as they are to be shown
   */
  public record Facts(
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
    public Facts {
      data = copy(data);
    }
  }

  /**
   * A data set of the run.
   *
   * @param role "train", "trusted", "validation", "held out" or "test"
   * @param path where it was read from, or how it was drawn
   */
  public record DataSource(String role, String path, long rows) {}

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
