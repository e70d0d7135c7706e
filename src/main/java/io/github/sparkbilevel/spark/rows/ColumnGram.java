package io.github.sparkbilevel.spark.rows;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.linalg.Vectors;

/** The weighted Gram matrix of the columns of the training rows, with a column of ones in front. */
public final class ColumnGram {
  private ColumnGram() {}

  /**
   * Sums in one Spark job; the columns are few.
   *
   * @param largest what each column is divided by; columns where it is 0 stay 0
   * @param mostWeight what each weight is divided by
   * @return (1 + p) × (1 + p), column-major, divided by the sum of the weights
   */
  public static double[] of(PartitionedData data, double[] largest, double mostWeight) {
    int n = largest.length + 1;
    double[] sums =
        data.rdd()
            .map(partition -> of(partition, largest, mostWeight))
            .treeReduce(
                (a, b) -> {
                  Vectors.addTo(a, 1, b);
                  return a;
                });
    double total = sums[0];
    for (int k = 0; k < n; k++) {
      for (int j = k; j < n; j++) {
        double mean = sums[j + k * n] / total;
        sums[j + k * n] = mean;
        sums[k + j * n] = mean;
      }
    }
    return sums;
  }

  private static double[] of(PartitionData partition, double[] largest, double mostWeight) {
    int n = largest.length + 1;
    double[] sums = new double[n * n];
    double[] row = new double[n - 1];
    double[] scaled = new double[n];
    scaled[0] = 1;
    for (Block block : partition.train()) {
      for (int i = 0; i < block.rows(); i++) {
        block.features().copyRow(i, row);
        for (int j = 1; j < n; j++) {
          scaled[j] = largest[j - 1] > 0 ? row[j - 1] / largest[j - 1] : 0;
        }
        double w = block.weight(i) / mostWeight;
        for (int k = 0; k < n; k++) {
          for (int j = k; j < n; j++) {
            sums[j + k * n] += w * scaled[j] * scaled[k];
          }
        }
      }
    }
    return sums;
  }
}
