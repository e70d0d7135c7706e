package io.github.sparkbilevel.spark.score;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.RowOutputs;
import io.github.sparkbilevel.problem.PartitionState;
import io.github.sparkbilevel.problem.Weighing;
import io.github.sparkbilevel.spark.SparkEngine;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.broadcast.Broadcast;

/**
 * The entries ∂Φ/∂λ_i = −(1/n) b_i (∂s_i/∂λ_i) ⟨∇ℓ_i(θ), u⟩ of the hypergradient beside the rows,
 * for several adjoints u at once.
 *
 * @param weighing how λ weighs rows
 * @param point θ, then the adjoints, d numbers each
 * @param rows n
 */
public record RowHypergradient(
    BlockKernel kernel, Weighing weighing, Broadcast<double[][]> point, long rows)
    implements SparkEngine.RowFunction<PartitionState, RowHypergradient.Entry> {

  /** The entry of one row, by each adjoint. */
  public record Entry(long id, double[] values) implements Serializable {}

  @Override
  public Iterator<Entry> rows(PartitionData partition, PartitionState state) {
    double[] theta = point.value()[0];
    int adjoints = point.value().length - 1;
    Loss loss = kernel.model().loss();
    int k = loss.outputs();
    List<Entry> entries = new ArrayList<>();
    for (int b = 0; b < partition.train().length; b++) {
      Block block = partition.train()[b];
      double[][] values = new double[block.rows()][adjoints];
      for (int a = 0; a < adjoints; a++) {
        RowOutputs outputs = RowOutputs.allocate(block.rows(), 1, k, true);
        kernel.predict(block, theta, 1, point.value()[1 + a], outputs);
        double[] directional = outputs.directional(loss, block.labels());
        double[] gradients = weighing.rowGradients(partition, state, b, directional);
        for (int i = 0; i < block.rows(); i++) {
          values[i][a] = -gradients[i] / rows;
        }
      }
      for (int i = 0; i < block.rows(); i++) {
        entries.add(new Entry(block.ids()[i], values[i]));
      }
    }
    return entries.iterator();
  }
}
