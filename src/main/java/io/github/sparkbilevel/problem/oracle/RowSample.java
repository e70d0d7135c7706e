package io.github.sparkbilevel.problem.oracle;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.DenseFeatures;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.model.Model;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.oracle.BilevelOracle.Query;
import io.github.sparkbilevel.problem.pass.LocalEngine;
import io.github.sparkbilevel.problem.snapshot.Snapshot;
import java.util.Arrays;
import java.util.List;

/**
 * Training rows that the driver holds, with their weights at the point where they were drawn: the
 * data part of G over them stands for that over all rows, in memory and at no pass.
 *
 * <p>The features are dense, whatever they are in the blocks, in float32: what is made of a sample
 * is no more exact than that.
 *
 * @param rows label, weight and features of each row, one after the other
 * @param theta the point
 */
public record RowSample(double[] rows, double[] theta) {

  /** Numbers that a row takes. */
  static int numbers(int features) {
    return 2 + features;
  }

  /** The bytes that a sample takes, as numbers, as a block, and while it is received. */
  public static long bytes(long rows, int features) {
    return rows * (2 * Double.BYTES + Float.BYTES) * numbers(features);
  }

  /**
   * What {@link #save} wrote; null if there was nothing to write.
   *
   * @param snapshot of that name
   */
  public static RowSample restored(Snapshot snapshot) {
    return snapshot.has("rows")
        ? new RowSample(snapshot.numbers("rows"), snapshot.numbers("theta"))
        : null;
  }

  /** Writes the rows and the point down. */
  public void save(Snapshot snapshot) {
    snapshot.put("rows", rows);
    snapshot.put("theta", theta);
  }

  /** An evaluation of the data part over these rows at θ, with the Kronecker factors. */
  Evaluation evaluation(Model model, String backend) {
    int p = model.features();
    int n = rows.length / numbers(p);
    var problem = new BilevelProblem(model);
    Block[] none = {};
    var data = new PartitionData(new Block[] {block(n, p)}, none, none, none);
    var oracle = new BlockOracle(problem, new LocalEngine(List.of(data)), backend, n);
    return oracle.evaluate(Query.at(theta, new double[0]).with(Extra.KRONECKER));
  }

  private Block block(int n, int p) {
    long[] ids = new long[n];
    double[] labels = new double[n];
    double[] weights = new double[n];
    float[] features = new float[n * p];
    Arrays.setAll(ids, i -> i);
    for (int i = 0; i < n; i++) {
      int at = i * numbers(p);
      labels[i] = rows[at];
      weights[i] = rows[at + 1];
      for (int j = 0; j < p; j++) {
        features[i * p + j] = (float) rows[at + 2 + j];
      }
    }
    return new Block(ids, DenseFeatures.ofFloats(n, p, features), labels).withWeights(weights);
  }
}
