package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.data.RowHash;
import io.github.sparkbilevel.spark.score.RowScore;
import java.io.Serializable;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;

/**
 * Training rows for a person to check: a random sample in which rows whose labels are in doubt are
 * likelier than others, by known probabilities.
 *
 * <p>Of n rows m are picked, row i with probability p_i = min(1, c z_i), where z_i = ½/n + ½ u_i/Σu
 * and Σ p_i = m. The doubt u = (1 − q)(½ + 2q) of a row whose label has the quality q is half of
 * what its label is suspected, 1 − q, and half of how uncertain that is, 4q(1 − q). A mean over the
 * picked rows with weights in proportion to 1/p_i has no bias by the choice. The uniform half keeps
 * every weight below twice that of a uniform sample (a defensive mixture; Hesterberg, 1995), so no
 * weight needs to be capped, which would bring the bias back.
 *
 * <p>The rows are those of least odds(U_i) / odds(p_i), with U_i from a hash of seed and id (Pareto
 * sampling; Rosén, 1997): always m of them. They come in the order of U_i/p_i, by which the first k
 * are picked with probabilities in proportion to p_i too: a person may stop at any row. Costs three
 * short Spark jobs over cached scores; the driver holds m rows.
 *
 * @param picks the rows, in the order in which to check them
 */
public record ReviewSample(List<Pick> picks) {
  private static final double UNIFORM = 0.5;
  private static final long PURPOSE = RowHash.purpose("review");

  /**
   * A row to check.
   *
   * @param weight 1/p_i, as a multiple of what it is in a uniform sample
   * @param rank by which the rows are picked
   * @param order by which they are shown
   */
  public record Pick(RowScore score, double weight, double rank, double order)
      implements Serializable {
    private static Pick of(RowScore score, double p, double fraction, long seed) {
      double uniform = RowHash.unit(RowHash.of(seed, PURPOSE, score.id()));
      double odds = uniform / (1 - uniform) * (1 - p) / p;
      return new Pick(score, fraction / p, odds, uniform / p);
    }
  }

  /** The order of the ranks; a class, since it travels to the executors. */
  private static final class ByRank implements Comparator<Pick>, Serializable {
    private static final long serialVersionUID = 1L;

    @Override
    public int compare(Pick a, Pick b) {
      int byRank = Double.compare(a.rank, b.rank);
      return byRank != 0 ? byRank : Long.compare(a.score.id(), b.score.id());
    }
  }

  /** Picks rows. */
  public static ReviewSample of(JavaRDD<RowScore> scores, int rows, long seed) {
    double all = 0;
    double doubt = 0;
    for (double[] sums : scores.mapPartitions(ReviewSample::sums).collect()) {
      all += sums[0];
      doubt += sums[1];
    }
    double n = all;
    double total = doubt;
    double c =
        n <= rows
            ? Double.POSITIVE_INFINITY
            : scale(
                scores
                    .map(score -> share(score, n, total))
                    .top(rows, Comparator.<Double>naturalOrder()),
                rows);
    double fraction = Math.min(1, rows / n);
    return new ReviewSample(
        scores
            .map(score -> Pick.of(score, Math.min(1, c * share(score, n, total)), fraction, seed))
            .takeOrdered(rows, new ByRank())
            .stream()
            .sorted(Comparator.comparingDouble(Pick::order))
            .toList());
  }

  private static Iterator<double[]> sums(Iterator<RowScore> scores) {
    double[] sums = new double[2];
    while (scores.hasNext()) {
      sums[0]++;
      sums[1] += doubt(scores.next());
    }
    return List.of(sums).iterator();
  }

  private static double doubt(RowScore score) {
    double quality = score.quality()[0];
    return Double.isNaN(quality) ? 1 : (1 - quality) * (0.5 + 2 * quality);
  }

  private static double share(RowScore score, double rows, double total) {
    double chosen = total > 0 ? doubt(score) / total : 1 / rows;
    return UNIFORM / rows + (1 - UNIFORM) * chosen;
  }

  /** The c by which Σ min(1, c z) is the number of rows, for more shares z, which sum to 1. */
  private static double scale(List<Double> greatest, int rows) {
    double rest = 1;
    int certain = 0;
    while (certain < rows - 1 && (rows - certain) * greatest.get(certain) > rest) {
      rest -= greatest.get(certain++);
    }
    return (rows - certain) / rest;
  }
}
