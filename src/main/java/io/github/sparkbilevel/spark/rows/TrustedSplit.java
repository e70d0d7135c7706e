package io.github.sparkbilevel.spark.rows;

import io.github.sparkbilevel.problem.sampling.RowDraw;
import io.github.sparkbilevel.spark.transfer.EachPartition;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import scala.Tuple2;

/**
 * The cut of the trusted rows into those held out and the folds of the others.
 *
 * <p>Up to {@link #MOST_DEALT} rows are dealt like cards, class after class in the order of a hash:
 * every class is spread evenly, which matters when there are ten rows of each. More rows than that
 * are drawn by their hash alone, and the driver holds nothing that grows with them.
 */
public final class TrustedSplit implements Serializable {
  private static final long serialVersionUID = 1L;

  /** The most rows that are dealt. */
  static final long MOST_DEALT = 50_000;

  /** The place of rows held out. */
  public static final int HELD_OUT = -1;

  private static final long PURPOSE = 3;

  private final long seed;
  private final double heldOut;
  private final int folds;
  private final Broadcast<Map<Long, Integer>> dealt;

  private TrustedSplit(long seed, double heldOut, int folds, Broadcast<Map<Long, Integer>> dealt) {
    this.seed = seed;
    this.heldOut = heldOut;
    this.folds = folds;
    this.dealt = dealt;
  }

  /**
   * Makes the cut; runs a Spark job when the rows are few enough to be dealt.
   *
   * @param labels class of each trusted row by its id
   * @param rows number of trusted rows
   * @param heldOut share to hold out, 0 ≤ heldOut &lt; 1
   * @param folds number of folds of the others, 1 or more
   */
  public static TrustedSplit of(
      JavaPairRDD<Long, Double> labels, long rows, double heldOut, int folds, long seed) {
    if (!(heldOut >= 0 && heldOut < 1) || folds < 1) {
      throw new IllegalArgumentException(
          "got a share of %s to hold out and %d folds, expected 0 ≤ share < 1 and 1 or more"
              .formatted(heldOut, folds));
    }
    Broadcast<Map<Long, Integer>> dealt =
        rows > MOST_DEALT
            ? null
            : JavaSparkContext.fromSparkContext(labels.context())
                .broadcast(deal(collected(labels), heldOut, folds, seed));
    return new TrustedSplit(seed, heldOut, folds, dealt);
  }

  private static List<Tuple2<Long, Double>> collected(JavaPairRDD<Long, Double> labels) {
    List<Tuple2<Long, Double>> all = new ArrayList<>();
    EachPartition.<Tuple2<Long, Double>, ArrayList<Tuple2<Long, Double>>>collect(
            labels.rdd(),
            rows -> {
              ArrayList<Tuple2<Long, Double>> list = new ArrayList<>();
              rows.forEachRemaining(list::add);
              return list;
            })
        .forEach(all::addAll);
    return all;
  }

  private static Map<Long, Integer> deal(
      List<Tuple2<Long, Double>> labels, double heldOut, int folds, long seed) {
    // Classes come in the order of their first rows, not of their names: a renamed class keeps its
    // cut.
    Map<Double, Long> first = new HashMap<>();
    labels.forEach(row -> first.merge(row._2(), hash(seed, row), Math::min));
    List<Tuple2<Long, Double>> order =
        labels.stream()
            .sorted(
                Comparator.<Tuple2<Long, Double>>comparingLong(row -> first.get(row._2()))
                    .thenComparingDouble(Tuple2::_2)
                    .thenComparingLong(row -> hash(seed, row)))
            .toList();
    Map<Long, Integer> places = new HashMap<>();
    // Every fold keeps a row where there are enough of them.
    double spare = Math.max(0, order.size() - folds) / (double) Math.max(1, order.size());
    double share = Math.min(heldOut, spare);
    int next = 0;
    for (int i = 0; i < order.size(); i++) {
      // The middle of each share, so that a lone row is not held out.
      boolean out = Math.floor((i + 1) * share + 0.5) > Math.floor(i * share + 0.5);
      places.put(order.get(i)._1(), out ? HELD_OUT : next++ % folds);
    }
    return places;
  }

  private static long hash(long seed, Tuple2<Long, Double> row) {
    return RowDraw.bits(seed, PURPOSE, row._1());
  }

  /** {@link #HELD_OUT}, or the fold 0 … folds − 1 of a row. */
  public int placeOf(long id) {
    if (dealt != null) {
      return dealt.value().get(id);
    }
    long bits = RowDraw.bits(seed, PURPOSE, id);
    boolean out = (bits >>> 11) * 0x1p-53 < heldOut;
    return out ? HELD_OUT : RowDraw.fold(seed, PURPOSE + 1, id, folds);
  }
}
