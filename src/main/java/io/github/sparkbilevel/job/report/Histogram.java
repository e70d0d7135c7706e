package io.github.sparkbilevel.job.report;

import java.util.ArrayList;
import java.util.List;

/**
 * Counts in bins of equal width.
 *
 * @param all how many are in each bin
 * @param wrong those of them with a wrong label; empty when there is no truth or it is not known
 */
public record Histogram(double low, double high, List<Long> all, List<Long> wrong) {
  /** Takes copies. */
  public Histogram {
    all = RunReport.copy(all);
    wrong = RunReport.copy(wrong);
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
