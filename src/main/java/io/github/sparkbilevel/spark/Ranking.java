package io.github.sparkbilevel.spark;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import scala.Tuple2;

/**
 * How well a score ranks bad rows before good ones: bad is the positive class, a low score means bad.
 *
 * @param auroc area under the ROC curve, equal scores counting half; NaN if all rows are of one kind
 * @param averagePrecision Σ (recall gained) · precision over the distinct scores, from the lowest on; NaN
 *     without bad rows
 */
public record Ranking(double auroc, double averagePrecision) {

  /** Rows with one score. */
  private record Tie(double score, long bad, long good) implements Serializable {}

  /**
   * Ranks exactly, by a sort on Spark; the driver holds two numbers for each partition.
   *
   * @param scored score, and whether the row is bad
   */
  public static Ranking of(JavaPairRDD<Double, Boolean> scored) {
    JavaRDD<Tie> ties =
        scored
            .mapToPair(
                row -> new Tuple2<>(row._1(), row._2() ? new long[] {1, 0} : new long[] {0, 1}))
            .reduceByKey((a, b) -> new long[] {a[0] + b[0], a[1] + b[1]})
            .sortByKey(true)
            .map(entry -> new Tie(entry._1(), entry._2()[0], entry._2()[1]))
            .cache();
    try {
      List<long[]> totals = ties.mapPartitions(Ranking::total).collect();
      long[][] before = new long[totals.size() + 1][];
      before[0] = new long[2];
      for (int i = 0; i < totals.size(); i++) {
        before[i + 1] =
            new long[] {before[i][0] + totals.get(i)[0], before[i][1] + totals.get(i)[1]};
      }
      long bad = before[totals.size()][0];
      long good = before[totals.size()][1];
      double area = 0;
      double precision = 0;
      for (double[] part :
          ties.mapPartitionsWithIndex((i, it) -> areas(before[i], it), true).collect()) {
        area += part[0];
        precision += part[1];
      }
      return new Ranking(area / ((double) bad * good), bad == 0 ? Double.NaN : precision / bad);
    } finally {
      ties.unpersist(false);
    }
  }

  private static Iterator<long[]> total(Iterator<Tie> ties) {
    long[] total = new long[2];
    while (ties.hasNext()) {
      Tie tie = ties.next();
      total[0] += tie.bad();
      total[1] += tie.good();
    }
    return List.of(total).iterator();
  }

  /** The part of Σ bad · (good above + ½ good equal), and of Σ bad · precision. */
  private static Iterator<double[]> areas(long[] before, Iterator<Tie> ties) {
    List<Tie> here = new ArrayList<>();
    ties.forEachRemaining(here::add);
    double bad = before[0];
    double good = before[1];
    double area = 0;
    double precision = 0;
    for (Tie tie : here) {
      // Each good row is ranked against the bad rows that score lower.
      area += tie.good() * (bad + 0.5 * tie.bad());
      bad += tie.bad();
      good += tie.good();
      precision += tie.bad() * bad / (bad + good);
    }
    return List.of(new double[] {area, precision}).iterator();
  }
}
