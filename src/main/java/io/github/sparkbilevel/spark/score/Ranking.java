package io.github.sparkbilevel.spark.score;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.broadcast.Broadcast;
import scala.Tuple2;

/**
 * How well a score ranks bad rows before good ones: bad is the positive class, a low score means
 * bad.
 *
 * <p>Rows are counted in cells of rising scores, and cells add up: partitions count on their own,
 * and a task for each ranking adds their counts, exactly, in whatever order they come. Up to {@link
 * #EXACT} rows each score has its own cell, and the ranking is exact. Beyond that, {@link #bounds}
 * makes some thirty thousand cells of about as many rows each, and what shares a cell counts as
 * equal. With b bad and g good rows in a cell, of B and G in all, that changes the AUROC by at most
 * Σ b·g / (2·B·G), about 2·10⁻⁵ wherever the scores crowd: cells follow the scores and not a grid
 * on the line, and a score that many rows have gets a cell of its own.
 *
 * @param auroc area under the ROC curve, equal scores counting half; NaN if all rows are of one
 *     kind
 * @param averagePrecision Σ (recall gained) · precision over the distinct scores, from the lowest
 *     on; NaN without bad rows
 */
public record Ranking(double auroc, double averagePrecision) {
  /** The most rows that are ranked exactly. */
  static final long EXACT = 1_000_000;

  /** Rows that are drawn to find the bounds of cells. */
  static final int DRAWN = 1 << 17;

  /** Rows drawn that share a cell; fewer would make cells of less even size. */
  private static final int DRAWN_PER_CELL = 4;

  /** Scores of a partition that are sorted at a time. */
  private static final int CHUNK = 1 << 16;

  private static final long SEED = 20;

  // What cells are: their greatest scores, rising, and the bad and the good rows in them.
  private static final int SCORE = 0;
  private static final int BAD = 1;
  private static final int GOOD = 2;

  /** The scores of a row, one for each ranking. */
  public interface Scores<R> extends Function<R, double[]> {}

  /**
   * Ranks by all scores at once; the driver receives two numbers for each ranking. One Spark job,
   * and beyond {@link #EXACT} rows another one that draws some.
   *
   * @param n number of rows
   * @param scores the scores of a row, as many for every row
   * @param bad whether a row is bad
   * @param count number of scores
   */
  public static <R> List<Ranking> of(
      JavaRDD<R> rows, long n, Scores<R> scores, Function<R, Boolean> bad, int count) {
    Broadcast<double[][]> bounds =
        JavaSparkContext.fromSparkContext(rows.context())
            .broadcast(n <= EXACT ? new double[count][] : bounds(rows, n, scores, count));
    Map<Integer, double[]> areas =
        rows.mapPartitionsToPair(
                it -> {
                  Counter counter = new Counter(bounds.value());
                  while (it.hasNext()) {
                    R row = it.next();
                    counter.add(scores.call(row), bad.call(row));
                  }
                  return counter.cells();
                })
            .reduceByKey(Ranking::sum, count)
            .mapValues(Ranking::areas)
            .collectAsMap();
    bounds.destroy();
    List<Ranking> rankings = new ArrayList<>();
    for (int r = 0; r < count; r++) {
      double[] found = areas.getOrDefault(r, new double[] {Double.NaN, Double.NaN});
      rankings.add(new Ranking(found[0], found[1]));
    }
    return rankings;
  }

  private static <R> double[][] bounds(JavaRDD<R> rows, long n, Scores<R> scores, int count) {
    List<double[]> drawn = rows.sample(false, (double) DRAWN / n, SEED).map(scores).collect();
    double[][] bounds = new double[count][];
    for (int r = 0; r < count; r++) {
      int ranking = r;
      bounds[r] = bounds(drawn.stream().mapToDouble(values -> values[ranking] + 0.0).toArray());
    }
    return bounds;
  }

  /**
   * The greatest scores of cells that hold about as many rows each; a score that fills a cell has
   * one to itself. The last one is NaN, which is greater than any number.
   *
   * @param drawn scores of rows drawn at random; sorted here
   */
  static double[] bounds(double[] drawn) {
    Arrays.sort(drawn);
    double[] bounds = new double[2 * (drawn.length / DRAWN_PER_CELL) + 1];
    int size = 0;
    for (int i = DRAWN_PER_CELL; i < drawn.length; i += DRAWN_PER_CELL) {
      double score = drawn[i];
      if (Double.compare(score, drawn[i - DRAWN_PER_CELL]) == 0) {
        size = append(bounds, size, Math.nextDown(score));
      }
      size = append(bounds, size, score);
    }
    return Arrays.copyOf(bounds, append(bounds, size, Double.NaN));
  }

  /** Appends what is greater than the last one; returns the new size. */
  private static int append(double[] rising, int size, double next) {
    if (size > 0 && Double.compare(rising[size - 1], next) >= 0) {
      return size;
    }
    rising[size] = next;
    return size + 1;
  }

  /** Counts the rows of a partition, a chunk at a time. */
  private static final class Counter {
    private final double[][] bounds;

    /** Of each ranking what was counted; null before the first chunk. */
    private final double[][][] cells;

    /** The scores still to be counted, those of bad rows first, for each ranking. */
    private final double[][][] waiting;

    private final int[] sizes = new int[2];

    Counter(double[][] bounds) {
      this.bounds = bounds;
      this.cells = new double[bounds.length][][];
      this.waiting = new double[2][bounds.length][CHUNK];
    }

    void add(double[] scores, boolean isBad) {
      int kind = isBad ? 0 : 1;
      for (int r = 0; r < scores.length; r++) {
        // −0.0 and 0.0 are one score.
        waiting[kind][r][sizes[kind]] = scores[r] + 0.0;
      }
      if (++sizes[kind] == CHUNK) {
        count(kind);
      }
    }

    private void count(int kind) {
      for (int r = 0; r < cells.length; r++) {
        double[] scores = Arrays.copyOf(waiting[kind][r], sizes[kind]);
        double[][] counted = Ranking.cells(scores, kind == 0, bounds[r]);
        cells[r] = cells[r] == null ? counted : sum(cells[r], counted);
      }
      sizes[kind] = 0;
    }

    Iterator<Tuple2<Integer, double[][]>> cells() {
      count(0);
      count(1);
      List<Tuple2<Integer, double[][]>> all = new ArrayList<>();
      for (int r = 0; r < cells.length; r++) {
        all.add(new Tuple2<>(r, cells[r]));
      }
      return all.iterator();
    }
  }

  /**
   * The cells of rows of one kind.
   *
   * @param scores sorted here
   * @param bounds the greatest score of each cell, or null where each score has its own
   */
  static double[][] cells(double[] scores, boolean bad, double[] bounds) {
    Arrays.sort(scores);
    double[][] cells = new double[3][scores.length];
    int size = 0;
    int cell = 0;
    for (double score : scores) {
      double bound = score;
      if (bounds != null) {
        while (Double.compare(bounds[cell], score) < 0) {
          cell++;
        }
        bound = bounds[cell];
      }
      size = append(cells[SCORE], size, bound);
      cells[bad ? BAD : GOOD][size - 1]++;
    }
    return cut(cells, size);
  }

  private static double[][] cut(double[][] cells, int size) {
    double[][] cut = new double[cells.length][];
    Arrays.setAll(cut, i -> Arrays.copyOf(cells[i], size));
    return cut;
  }

  /** The cells of both. */
  static double[][] sum(double[][] a, double[][] b) {
    double[][] sum = new double[3][a[SCORE].length + b[SCORE].length];
    int size = 0;
    int i = 0;
    int j = 0;
    while (i < a[SCORE].length || j < b[SCORE].length) {
      boolean first =
          j == b[SCORE].length
              || (i < a[SCORE].length && Double.compare(a[SCORE][i], b[SCORE][j]) <= 0);
      double[][] from = first ? a : b;
      int at = first ? i++ : j++;
      size = append(sum[SCORE], size, from[SCORE][at]);
      sum[BAD][size - 1] += from[BAD][at];
      sum[GOOD][size - 1] += from[GOOD][at];
    }
    return cut(sum, size);
  }

  /** The AUROC, Σ good · (bad below + ½ bad equal) / (B·G), and Σ bad · precision / B. */
  static double[] areas(double[][] cells) {
    double bad = 0;
    double good = 0;
    double pairs = 0;
    double precisions = 0;
    for (int c = 0; c < cells[SCORE].length; c++) {
      pairs += cells[GOOD][c] * (bad + 0.5 * cells[BAD][c]);
      bad += cells[BAD][c];
      good += cells[GOOD][c];
      precisions += cells[BAD][c] * bad / (bad + good);
    }
    // 0 / 0 is the NaN that is promised.
    return new double[] {pairs / (bad * good), precisions / bad};
  }
}
