package io.github.sparkbilevel.spark.rows;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.CsrFeatures;
import io.github.sparkbilevel.block.Features;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.model.Model;
import java.io.Serializable;
import java.util.Arrays;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;

/**
 * What one scan of the cached blocks tells about numbers that may be the cause of trouble: how
 * large the entries of every column are, the extreme weights and labels, and how a model does by
 * class.
 */
public final class BlockFacts implements Serializable {
  private static final long serialVersionUID = 1L;

  private final double[] largest;
  private final double[] largestTrusted;
  private final long[] rowsOfClass;
  private final long[] errorsOfClass;
  private long rows;
  private double leastWeight = Double.POSITIVE_INFINITY;
  private Extreme weight = new Extreme(0, 0);
  private Extreme label = new Extreme(0, 0);
  private Extreme labelTrusted = new Extreme(0, 0);

  /** A number of greatest size, and the id of its row: the least of those that have it. */
  public record Extreme(double size, long id) implements Serializable {
    private Extreme or(double otherSize, long otherId) {
      boolean replaces = otherSize > size || otherSize == size && otherId < id;
      return replaces ? new Extreme(otherSize, otherId) : this;
    }
  }

  private BlockFacts(int columns, int classes) {
    largest = new double[columns];
    largestTrusted = new double[columns];
    rowsOfClass = new long[classes];
    errorsOfClass = new long[classes];
  }

  /**
   * Scans in one Spark job.
   *
   * @param theta parameters of the model by which classes are told apart; empty for none
   */
  public static BlockFacts of(PartitionedData data, Model model, double[] theta) {
    int columns = model.features();
    int classes = model.loss().classes();
    Broadcast<double[]> shared =
        JavaSparkContext.fromSparkContext(data.rdd().context()).broadcast(theta);
    try {
      return data.rdd()
          .map(
              partition -> {
                BlockFacts facts = new BlockFacts(columns, classes);
                facts.add(partition, new ClassMargins(model, shared.value()));
                return facts;
              })
          .treeReduce(BlockFacts::merge);
    } finally {
      shared.destroy();
    }
  }

  private void add(PartitionData partition, ClassMargins margins) {
    for (Block block : partition.train()) {
      addLargest(block.features(), largest);
      rows += block.rows();
      for (int i = 0; i < block.rows(); i++) {
        double w = block.weight(i);
        if (w > 0) {
          leastWeight = Math.min(leastWeight, w);
        }
        weight = weight.or(w, block.ids()[i]);
        label = label.or(Math.abs(block.labels()[i]), block.ids()[i]);
      }
      if (margins.apply()) {
        addClasses(block, margins);
      }
    }
    for (Block block : partition.trusted()) {
      addLargest(block.features(), largestTrusted);
      for (int i = 0; i < block.rows(); i++) {
        labelTrusted = labelTrusted.or(Math.abs(block.labels()[i]), block.ids()[i]);
      }
    }
  }

  private void addClasses(Block block, ClassMargins margins) {
    for (int i = 0; i < block.rows(); i++) {
      int own = (int) block.labels()[i];
      int found = margins.classOf(block.features(), i);
      rowsOfClass[own]++;
      if (found != own) {
        errorsOfClass[own]++;
        errorsOfClass[found]++;
      }
    }
  }

  private static void addLargest(Features features, double[] largest) {
    if (features instanceof CsrFeatures sparse) {
      for (int k = 0; k < sparse.values().length; k++) {
        raise(largest, sparse.indices()[k], sparse.values()[k]);
      }
      for (int j = 0; sparse.shift() != null && j < largest.length; j++) {
        raise(largest, j, sparse.shift()[j]);
      }
      return;
    }
    double[] row = new double[largest.length];
    for (int i = 0; i < features.rows(); i++) {
      features.copyRow(i, row);
      for (int j = 0; j < largest.length; j++) {
        raise(largest, j, row[j]);
      }
    }
  }

  private static void raise(double[] largest, int column, double value) {
    largest[column] = Math.max(largest[column], Math.abs(value));
  }

  private BlockFacts merge(BlockFacts other) {
    rows += other.rows;
    leastWeight = Math.min(leastWeight, other.leastWeight);
    weight = weight.or(other.weight.size(), other.weight.id());
    label = label.or(other.label.size(), other.label.id());
    labelTrusted = labelTrusted.or(other.labelTrusted.size(), other.labelTrusted.id());
    for (int j = 0; j < largest.length; j++) {
      raise(largest, j, other.largest[j]);
      raise(largestTrusted, j, other.largestTrusted[j]);
    }
    for (int k = 0; k < rowsOfClass.length; k++) {
      rowsOfClass[k] += other.rowsOfClass[k];
      errorsOfClass[k] += other.errorsOfClass[k];
    }
    return this;
  }

  /** Number of training rows. */
  public long rows() {
    return rows;
  }

  /** The largest absolute entry of each column in training rows; a copy. */
  public double[] largest() {
    return Arrays.copyOf(largest, largest.length);
  }

  /** The largest absolute entry of each column in trusted rows; a copy. */
  public double[] largestTrusted() {
    return Arrays.copyOf(largestTrusted, largestTrusted.length);
  }

  /** The largest base weight of a training row. */
  public Extreme weight() {
    return weight;
  }

  /** The least base weight of a training row that is not 0. */
  public double leastWeight() {
    return leastWeight;
  }

  /** The label of a training row that is farthest from 0. */
  public Extreme label() {
    return label;
  }

  /** The label of a trusted row that is farthest from 0. */
  public Extreme labelTrusted() {
    return labelTrusted;
  }

  /** Training rows of a class; 0 where the model was not applied. */
  public long rowsOfClass(int k) {
    return rowsOfClass[k];
  }

  /** Rows of the class that the model takes for another one, and of others that it takes for it. */
  public long errorsOfClass(int k) {
    return errorsOfClass[k];
  }
}
