package io.github.sparkbilevel.data;

import io.github.sparkbilevel.block.DataException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Classes whose sizes fall geometrically (Cui, Jia, Lin, Song, Belongie: Class-Balanced Loss Based
 * on Effective Number of Samples, CVPR 2019).
 *
 * <p>Of K classes from the largest to the smallest, number r = 0 … K − 1 keeps each of its rows
 * with probability ρ^(−r/(K − 1)), where ρ is the imbalance factor: the first keeps all, the last
 * about 1/ρ.
 *
 * @param shares the probability with which each class keeps a row, by class index
 */
record LongTail(double[] shares) implements Serializable {

  /**
   * The shares for these rows; classes of one size go in their order.
   *
   * @param factor ρ, 1 or more
   */
  static LongTail of(TableStats rows, ClassIndex classes, double factor) {
    List<Integer> bySize = new ArrayList<>();
    for (int k = 0; k < classes.size(); k++) {
      bySize.add(k);
    }
    bySize.sort(Comparator.comparingLong(k -> -rows.count(classes.labelOf(k))));
    double[] shares = new double[bySize.size()];
    for (int r = 0; r < shares.length; r++) {
      shares[bySize.get(r)] = Math.pow(factor, -r / (shares.length - 1.0));
    }
    return new LongTail(shares);
  }

  /** Refuses to leave a class without any row. */
  void requireAll(TableStats before, TableStats after, ClassIndex classes) {
    for (int k = 0; k < shares.length; k++) {
      String label = classes.labelOf(k);
      if (after.count(label) == 0) {
        throw new DataException(
            "data.corrupt.kind = long-tail keeps 1/%.4g of the %,d rows of the class %s, which leaves none; expected one row of each class at least, lower data.corrupt.factor"
                .formatted(1 / shares[k], before.count(label), Names.quote(classes.name(k))));
      }
    }
  }

  /** What was left out, for the user. */
  Notice notice(Table before, TableStats after) {
    long out = before.rowCount() - after.rows();
    double[] sorted = shares.clone();
    Arrays.sort(sorted);
    return new Notice(
        Notice.Code.CLASSES_THINNED,
        "%s: %,d of %,d training rows are left out for a long tail of classes, by data.corrupt.kind = long-tail; the smallest class keeps 1/%.4g of its rows"
            .formatted(before.origin(), out, before.rowCount(), 1 / sorted[0]),
        out);
  }
}
