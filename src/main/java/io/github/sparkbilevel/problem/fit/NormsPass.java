package io.github.sparkbilevel.problem.fit;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.problem.PartitionState;
import io.github.sparkbilevel.problem.pass.Pass;
import io.github.sparkbilevel.problem.pass.PassOutput;

/**
 * How long the trusted rows are, and the outputs of a linear model for them: Σ w ‖x‖², then Σ w ‖Vx
 * − mean(Vx)‖² without intercepts; of a single output no mean is taken.
 *
 * @param theta the parameters of the model
 */
record NormsPass(LinearModel model, double[] theta)
    implements Pass<PartitionState, PartitionState> {
  private static final long serialVersionUID = 1L;

  @Override
  public String name() {
    return "norms of rows";
  }

  @Override
  public String kernels() {
    return "outputs of 1 model, squares";
  }

  @Override
  public long bytes() {
    return 8L * theta.length;
  }

  @Override
  public PassOutput<PartitionState> apply(PartitionData data, PartitionState input) {
    double[] sums = new double[2];
    double[] row = new double[model.features()];
    double[] z = new double[model.outputs()];
    for (Block block : data.trusted()) {
      for (int i = 0; i < block.rows(); i++) {
        block.features().copyRow(i, row);
        sums[0] += block.weight(i) * square(row, 0);
        for (int k = 0; k < z.length; k++) {
          z[k] = output(row, k);
        }
        sums[1] += block.weight(i) * square(z, z.length > 1 ? mean(z) : 0);
      }
    }
    return new PassOutput<>(null, sums);
  }

  private double output(double[] row, int k) {
    double sum = 0;
    int at = k * model.columnLength();
    for (int j = 0; j < row.length; j++) {
      sum += theta[at + j] * row[j];
    }
    return sum;
  }

  private static double mean(double[] z) {
    double sum = 0;
    for (double one : z) {
      sum += one;
    }
    return sum / z.length;
  }

  private static double square(double[] of, double from) {
    double sum = 0;
    for (double x : of) {
      sum += (x - from) * (x - from);
    }
    return sum;
  }
}
