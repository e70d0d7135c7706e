package io.github.sparkbilevel.data;

import java.io.Serializable;
import java.util.Arrays;

/**
 * A random confusion matrix that is sparse: class k loses a share r_k of its labels to one to
 * {@value #MOST_TARGETS} other classes.
 *
 * <p>The rates r_k are K equally spaced numbers around the fraction f, from f − w to f + w with w =
 * min(f, 1 − f)/5, in random order: classes differ, and their mean is f. With f up to .4 every
 * class keeps more than half of its labels: the right one stays its most frequent one. The number
 * of classes that k loses labels to is uniform, and so are they; their shares of r_k are uniform on
 * the simplex. Everything follows from the seed and K.
 */
final class SparseConfusion implements Serializable {
  private static final long serialVersionUID = 1L;

  static final int MOST_TARGETS = 3;

  private final double[] rates;
  private final int[][] targets;

  /** The cumulative shares of the targets of each class. */
  private final double[][] shares;

  private SparseConfusion(double[] rates, int[][] targets, double[][] shares) {
    this.rates = rates;
    this.targets = targets;
    this.shares = shares;
  }

  /**
   * Draws one.
   *
   * @param classes K, at least 2
   * @param fraction f, from 0 to 1
   */
  static SparseConfusion draw(int classes, double fraction, long seed) {
    int[] order = order(classes, RowHash.of(seed, RowHash.purpose("confusion rates"), 0));
    double width = Math.min(fraction, 1 - fraction) / 5;
    double[] rates = new double[classes];
    int[][] targets = new int[classes][];
    double[][] shares = new double[classes][];
    for (int k = 0; k < classes; k++) {
      rates[k] = fraction + width * (2.0 * order[k] / (classes - 1) - 1);
      long hash = RowHash.of(seed, RowHash.purpose("confusion targets"), k);
      int count = 1 + RowHash.below(hash, Math.min(MOST_TARGETS, classes - 1));
      hash = RowHash.next(hash);
      int[] others = order(classes - 1, hash);
      targets[k] = new int[count];
      for (int t = 0; t < count; t++) {
        targets[k][t] = others[t] < k ? others[t] : others[t] + 1;
      }
      shares[k] = shares(count, RowHash.of(seed, RowHash.purpose("confusion shares"), k));
    }
    return new SparseConfusion(rates, targets, shares);
  }

  /** The numbers from 0 to n − 1 in random order. */
  private static int[] order(int n, long start) {
    int[] order = new int[n];
    Arrays.setAll(order, j -> j);
    long hash = start;
    for (int j = n - 1; j > 0; j--) {
      hash = RowHash.next(hash);
      int other = RowHash.below(hash, j + 1);
      int kept = order[j];
      order[j] = order[other];
      order[other] = kept;
    }
    return order;
  }

  /** Cumulative sums of the shares between n − 1 random points of [0, 1], in their order. */
  private static double[] shares(int n, long start) {
    double[] cumulative = new double[n];
    long hash = start;
    for (int t = 0; t < n - 1; t++) {
      hash = RowHash.next(hash);
      cumulative[t] = RowHash.unit(hash);
    }
    cumulative[n - 1] = 1;
    Arrays.sort(cumulative);
    return cumulative;
  }

  /** r_k. */
  double rate(int k) {
    return rates[k];
  }

  /**
   * The class that a label of class k becomes.
   *
   * @param u a uniform number in [0, 1)
   */
  int target(int k, double u) {
    int t = 0;
    while (u >= shares[k][t]) {
      t++;
    }
    return targets[k][t];
  }
}
