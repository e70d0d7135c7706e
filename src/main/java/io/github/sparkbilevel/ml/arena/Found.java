package io.github.sparkbilevel.ml.arena;

import io.github.sparkbilevel.spark.score.Ranking;
import io.github.sparkbilevel.spark.score.RowScore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;

/**
 * How well a judge finds the rows whose label is known to be wrong.
 *
 * @param auroc of its quality; NaN where all labels are of one kind
 * @param f1 of the rows that it flags; NaN where there is nothing to find and nothing is flagged
 * @param wrong the share of the rows whose label is wrong
 */
public record Found(double auroc, double f1, double wrong) {
  /** Nothing is known. */
  static final Found UNKNOWN = new Found(Double.NaN, Double.NaN, Double.NaN);

  private static final int SUMS = 4;

  /**
   * The first judges of some scores, by two Spark jobs, or three for very many rows; rows without a
   * truth do not count.
   *
   * @param judges how many
   */
  static List<Found> of(JavaRDD<RowScore> scores, int judges) {
    if (judges == 0) {
      return List.of();
    }
    JavaRDD<RowScore> known = scores.filter(row -> !Double.isNaN(row.truth()));
    long[] sums =
        known.aggregate(new long[SUMS * judges], (sum, row) -> add(sum, row, judges), Found::merge);
    List<Ranking> rankings =
        Ranking.of(
            known,
            sums[SUMS - 1],
            row -> Arrays.copyOf(row.quality(), judges),
            RowScore::bad,
            judges);
    List<Found> found = new ArrayList<>();
    for (int j = 0; j < judges; j++) {
      long flaggedAndBad = sums[SUMS * j] + sums[SUMS * j + 1];
      double f1 = flaggedAndBad == 0 ? Double.NaN : 2.0 * sums[SUMS * j + 2] / flaggedAndBad;
      double wrong = sums[SUMS * j + 1] / (double) sums[SUMS * j + 3];
      found.add(new Found(rankings.get(j).auroc(), f1, wrong));
    }
    return found;
  }

  /** Counts rows that each judge flags, that are bad, that are both, and all. */
  private static long[] add(long[] sums, RowScore row, int judges) {
    for (int j = 0; j < judges; j++) {
      boolean flagged = row.suggested()[j] != row.label();
      sums[SUMS * j] += flagged ? 1 : 0;
      sums[SUMS * j + 1] += row.bad() ? 1 : 0;
      sums[SUMS * j + 2] += flagged && row.bad() ? 1 : 0;
      sums[SUMS * j + 3]++;
    }
    return sums;
  }

  private static long[] merge(long[] a, long[] b) {
    for (int i = 0; i < a.length; i++) {
      a[i] += b[i];
    }
    return a;
  }
}
