package io.github.sparkbilevel.data;

import java.io.Serializable;
import java.util.Iterator;
import java.util.List;

/**
 * The sample variance of each feature as Spark MLlib weighs rows,
 *
 * <pre>(Σ w x² − (Σ w x)² / Σ w) / (Σ w − Σ w² / Σ w),</pre>
 *
 * from order-free sums over x − c, so that it is the same for the same rows in any partitions. The
 * c are near the means, so that little cancels.
 */
public final class WeightedVariances implements Serializable {
  private static final long serialVersionUID = 1L;

  private final double[] near;
  private final boolean labels;

  /** Σ w, Σ w². */
  private final OrderFreeSums weights = new OrderFreeSums(2);

  /** Σ w, Σ w (x − c) and Σ w (x − c)² over the entries of each column that are not 0. */
  private final OrderFreeSums[] entries = new OrderFreeSums[3];

  private WeightedVariances(double[] near, boolean labels) {
    this.near = near;
    this.labels = labels;
    for (int k = 0; k < entries.length; k++) {
      entries[k] = new OrderFreeSums(near.length);
    }
  }

  /**
   * Scans the rows once.
   *
   * @param near a number near the mean of each column
   * @param labels whether the last column is that of the labels, which are numbers
   */
  public static double[] of(Table rows, double[] near, boolean labels) {
    WeightedVariances all = new WeightedVariances(near, labels);
    rows.examples()
        .mapPartitions(in -> List.of(scan(in, near, labels)).iterator())
        .collect()
        .forEach(all::merge);
    double[] variances = new double[near.length];
    for (int j = 0; j < variances.length; j++) {
      variances[j] = all.variance(j);
    }
    return variances;
  }

  private static WeightedVariances scan(Iterator<Example> rows, double[] near, boolean labels) {
    WeightedVariances part = new WeightedVariances(near, labels);
    while (rows.hasNext()) {
      part.add(rows.next());
    }
    return part;
  }

  private void add(Example row) {
    double w = row.weight();
    weights.add(0, w);
    weights.add(1, w * w);
    double[] values = Entries.values(row.features());
    int[] indices = Entries.indices(row.features());
    for (int k = 0; k < values.length; k++) {
      add(indices == null ? k : indices[k], values[k], w);
    }
    if (labels) {
      add(near.length - 1, Numbers.parse(row.label()), w);
    }
  }

  private void add(int column, double x, double w) {
    if (x != 0) {
      double y = x - near[column];
      entries[0].add(column, w);
      entries[1].add(column, w * y);
      entries[2].add(column, w * y * y);
    }
  }

  private void merge(WeightedVariances other) {
    weights.merge(other.weights);
    for (int k = 0; k < entries.length; k++) {
      entries[k].merge(other.entries[k]);
    }
  }

  private double variance(int j) {
    double all = weights.sum(0);
    double zeros = all - entries[0].sum(j);
    double sum = entries[1].sum(j) - zeros * near[j];
    double squares = entries[2].sum(j) + zeros * near[j] * near[j];
    double freedom = all - weights.sum(1) / all;
    return freedom > 0 ? Math.max(0, (squares - sum * sum / all) / freedom) : 0;
  }
}
