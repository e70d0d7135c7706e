package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.spark.score.RowScore;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The training rows that stand out; lists of a fixed length, whatever the number of rows.
 *
 * @param worst the rows of least quality, the worst first
 * @param harmful the rows whose weight raises the trusted rows' loss most, by ∂Φ/∂s_i, the most
 *     harmful first: mostly wrong labels, which have lost their weight; empty where influences are
 *     not known
 * @param helpful the rows that lower that loss most with the weight that they have, by s_i ∂Φ/∂s_i,
 *     the most helpful first; likewise
 */
public record ExtremeRows(List<RowScore> worst, List<RowScore> harmful, List<RowScore> helpful) {
  /** All of them. */
  public Stream<RowScore> all() {
    return Stream.of(worst, harmful, helpful).flatMap(List::stream);
  }

  private static double effect(RowScore row) {
    return row.weight() * row.influence();
  }

  /** Which rows stand out, and how many are kept. */
  private enum Order {
    WORST(50, Comparator.comparingDouble(row -> row.quality()[0])),
    HARMFUL(20, Comparator.comparingDouble(row -> -row.influence())),
    HELPFUL(20, Comparator.comparingDouble(ExtremeRows::effect));

    private final int most;
    private final Comparator<RowScore> comparator;

    Order(int most, Comparator<RowScore> comparator) {
      this.most = most;
      this.comparator = comparator.thenComparingLong(RowScore::id);
    }
  }

  /** Meets rows one by one. */
  static final class Finder implements Serializable {
    private static final long serialVersionUID = 1L;
    private final Top worst = new Top(Order.WORST);
    private final Top harmful = new Top(Order.HARMFUL);
    private final Top helpful = new Top(Order.HELPFUL);

    void add(RowScore row) {
      worst.add(row);
      if (row.influence() > 0) {
        harmful.add(row);
      } else if (effect(row) < 0) {
        helpful.add(row);
      }
    }

    void merge(Finder other) {
      other.worst.rows.forEach(worst::add);
      other.harmful.rows.forEach(harmful::add);
      other.helpful.rows.forEach(helpful::add);
    }

    ExtremeRows found() {
      return new ExtremeRows(
          List.copyOf(worst.rows), List.copyOf(harmful.rows), List.copyOf(helpful.rows));
    }
  }

  private static final class Top implements Serializable {
    private static final long serialVersionUID = 1L;
    private final Order order;
    private final ArrayList<RowScore> rows = new ArrayList<>();

    Top(Order order) {
      this.order = order;
    }

    void add(RowScore row) {
      int most = order.most;
      if (rows.size() == most && order.comparator.compare(row, rows.get(most - 1)) > 0) {
        return;
      }
      rows.add(-1 - Collections.binarySearch(rows, row, order.comparator), row);
      if (rows.size() > most) {
        rows.remove(most);
      }
    }
  }
}
