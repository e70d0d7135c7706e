package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.spark.score.RowScore;
import java.io.Serializable;
import org.apache.spark.api.java.JavaRDD;

/**
 * Counts over the scores of all training rows and the worst of them, made in one Spark job; its
 * size does not grow with them.
 *
 * @param counts of the rows
 * @param weights rows by weight, in bins of equal width over [0, 1]: all, then the bad ones
 * @param quality rows by quality, likewise
 * @param pairs rows by given and suggested class: given · K + suggested; empty above 1,000 classes
 * @param extremes rows that stand out
 */
public record ScoreFigures(
    Counts counts, long[][] weights, long[][] quality, long[] pairs, ExtremeRows extremes) {

  /**
   * Numbers of rows.
   *
   * @param rows training rows
   * @param known rows of which it is known whether their label is wrong
   * @param flagged rows whose label the selected model disputes
   * @param bad rows whose label is known to be wrong
   * @param flaggedBad rows that are both
   */
  public record Counts(long rows, long known, long flagged, long bad, long flaggedBad) {

    /** How well the flags tell the bad rows. */
    public Rates rates() {
      double found = flaggedBad;
      return new Rates(
          flagged == 0 ? Double.NaN : found / flagged,
          bad == 0 ? Double.NaN : found / bad,
          flagged + bad == 0 ? Double.NaN : 2 * found / (flagged + bad));
    }
  }

  /**
   * How well flags tell the bad rows.
   *
   * @param precision share of the flagged rows that are bad; NaN when none is flagged
   * @param recall share of the bad rows that are flagged; NaN without bad rows
   * @param f1 their harmonic mean
   */
  public record Rates(double precision, double recall, double f1) {}

  /** Bins of the histograms. */
  public static final int BINS = 40;

  private static final int MOST_CLASSES = 1000;

  private static final class Counter implements Serializable {
    private static final long serialVersionUID = 1L;
    private final ExtremeRows.Finder extremes = new ExtremeRows.Finder();
    private long rows;
    private long known;
    private long flagged;
    private long bad;
    private long flaggedBad;
    private final long[][] weights = new long[2][BINS];
    private final long[][] quality = new long[2][BINS];
    private final int classes;
    private final long[] pairs;

    Counter(int classes) {
      this.classes = classes;
      this.pairs = new long[classes <= MOST_CLASSES ? classes * classes : 0];
    }

    Counter add(RowScore row) {
      boolean isKnown = !Double.isNaN(row.truth());
      boolean isBad = isKnown && row.bad();
      rows++;
      known += isKnown ? 1 : 0;
      flagged += row.flagged() ? 1 : 0;
      bad += isBad ? 1 : 0;
      flaggedBad += row.flagged() && isBad ? 1 : 0;
      int weightBin = bin(row.weight());
      int qualityBin = bin(row.quality()[0]);
      weights[0][weightBin]++;
      quality[0][qualityBin]++;
      if (isBad) {
        weights[1][weightBin]++;
        quality[1][qualityBin]++;
      }
      if (pairs.length > 0) {
        pairs[((int) row.label()) * classes + (int) row.suggested()[0]]++;
      }
      extremes.add(row);
      return this;
    }

    private static int bin(double value) {
      return (int) Math.max(0, Math.min(BINS - 1, Math.floor(value * BINS)));
    }

    Counter merge(Counter other) {
      extremes.merge(other.extremes);
      rows += other.rows;
      known += other.known;
      flagged += other.flagged;
      bad += other.bad;
      flaggedBad += other.flaggedBad;
      for (int kind = 0; kind < 2; kind++) {
        for (int i = 0; i < BINS; i++) {
          weights[kind][i] += other.weights[kind][i];
          quality[kind][i] += other.quality[kind][i];
        }
      }
      for (int i = 0; i < pairs.length; i++) {
        pairs[i] += other.pairs[i];
      }
      return this;
    }
  }

  /** Counts in one Spark job. */
  public static ScoreFigures of(JavaRDD<RowScore> scores, int classes) {
    Counter sum = scores.aggregate(new Counter(classes), Counter::add, Counter::merge);
    return new ScoreFigures(
        new Counts(sum.rows, sum.known, sum.flagged, sum.bad, sum.flaggedBad),
        sum.weights,
        sum.quality,
        sum.pairs,
        sum.extremes.found());
  }
}
