package io.github.sparkbilevel.spark.score;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.function.Function;
import scala.Tuple2;

/**
 * How well a score ranks bad rows before good ones: bad is the positive class, a low score means
 * bad.
 *
 * @param auroc area under the ROC curve, equal scores counting half; NaN if all rows are of one
 *     kind
 * @param averagePrecision Σ (recall gained) · precision over the distinct scores, from the lowest
 *     on; NaN without bad rows
 */
public record Ranking(double auroc, double averagePrecision) {

  /** A score of one of the rankings; rankings lie one after the other. */
  private record Key(int ranking, double score) implements Comparable<Key>, Serializable {
    @Override
    public int compareTo(Key other) {
      int byRanking = Integer.compare(ranking, other.ranking);
      return byRanking != 0 ? byRanking : Double.compare(score, other.score);
    }
  }

  /** Rows with one score. */
  private record Tie(int ranking, long bad, long good) implements Serializable {}

  /** The scores of a row, one for each ranking, and whether the row is bad. */
  public interface Scores<R> extends Function<R, double[]> {}

  /**
   * Ranks exactly and all scores at once, by one sort on Spark; the driver holds two numbers for
   * each partition and ranking.
   *
   * @param scores the scores of a row, as many for every row
   * @param bad whether a row is bad
   * @param count number of scores
   */
  public static <R> List<Ranking> of(
      JavaRDD<R> rows, Scores<R> scores, Function<R, Boolean> bad, int count) {
    JavaRDD<Tie> ties =
        rows.flatMapToPair(
                row -> {
                  double[] values = scores.call(row);
                  long[] one = bad.call(row) ? new long[] {1, 0} : new long[] {0, 1};
                  List<Tuple2<Key, long[]>> keyed = new ArrayList<>();
                  for (int r = 0; r < values.length; r++) {
                    keyed.add(new Tuple2<>(new Key(r, values[r]), one));
                  }
                  return keyed.iterator();
                })
            .reduceByKey((a, b) -> new long[] {a[0] + b[0], a[1] + b[1]})
            .sortByKey(true)
            .map(entry -> new Tie(entry._1().ranking(), entry._2()[0], entry._2()[1]))
            .cache();
    try {
      List<long[]> totals = ties.mapPartitions(it -> total(it, count)).collect();
      long[][] before = new long[totals.size() + 1][2 * count];
      for (int i = 0; i < totals.size(); i++) {
        for (int j = 0; j < 2 * count; j++) {
          before[i + 1][j] = before[i][j] + totals.get(i)[j];
        }
      }
      double[] areas = new double[2 * count];
      for (double[] part :
          ties.mapPartitionsWithIndex((i, it) -> areas(before[i], it), true).collect()) {
        for (int j = 0; j < areas.length; j++) {
          areas[j] += part[j];
        }
      }
      List<Ranking> rankings = new ArrayList<>();
      for (int r = 0; r < count; r++) {
        double allBad = before[totals.size()][2 * r];
        double allGood = before[totals.size()][2 * r + 1];
        // 0 / 0 is the NaN that is promised.
        rankings.add(new Ranking(areas[2 * r] / (allBad * allGood), areas[2 * r + 1] / allBad));
      }
      return rankings;
    } finally {
      ties.unpersist(false);
    }
  }

  private static Iterator<long[]> total(Iterator<Tie> ties, int count) {
    long[] total = new long[2 * count];
    while (ties.hasNext()) {
      Tie tie = ties.next();
      total[2 * tie.ranking()] += tie.bad();
      total[2 * tie.ranking() + 1] += tie.good();
    }
    return List.of(total).iterator();
  }

  /** For each ranking the part of Σ good · (bad below + ½ bad equal), and of Σ bad · precision. */
  private static Iterator<double[]> areas(long[] before, Iterator<Tie> ties) {
    double[] seen = new double[before.length];
    for (int j = 0; j < seen.length; j++) {
      seen[j] = before[j];
    }
    double[] areas = new double[before.length];
    while (ties.hasNext()) {
      Tie tie = ties.next();
      int bad = 2 * tie.ranking();
      int good = bad + 1;
      areas[bad] += tie.good() * (seen[bad] + 0.5 * tie.bad());
      seen[bad] += tie.bad();
      seen[good] += tie.good();
      areas[good] += tie.bad() * seen[bad] / (seen[bad] + seen[good]);
    }
    return List.of(areas).iterator();
  }
}
