package io.github.sparkbilevel.problem.oracle;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.linalg.KroneckerBasis;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.problem.PartitionState;
import io.github.sparkbilevel.problem.pass.Pass;
import io.github.sparkbilevel.problem.pass.PassOutput;
import java.util.List;

/**
 * The diagonal of the Gauss-Newton matrix of a network in the eigenbases of its Kronecker factors,
 * without penalty, not divided by n.
 *
 * @param theta the point
 * @param bases of each layer
 */
record ScalesPass(BlockKernel kernel, double[] theta, List<KroneckerBasis> bases)
    implements Pass<PartitionState, PartitionState> {

  @Override
  public String name() {
    return "eigenvalues";
  }

  @Override
  public String kernels() {
    return "diag(QᵀHQ)";
  }

  @Override
  public long bytes() {
    long numbers = theta.length;
    for (KroneckerBasis basis : bases) {
      numbers += basis.inputs().vectors().length + basis.outputs().vectors().length;
    }
    return 8 * numbers;
  }

  @Override
  public PassOutput<PartitionState> apply(PartitionData data, PartitionState input) {
    input.requireBelongsTo(data);
    double[] sums = new double[theta.length];
    Block[] blocks = data.train();
    for (int b = 0; b < blocks.length; b++) {
      BlockKernel.At at = BlockKernel.At.one(theta, input.predictions(b), input.weights()[b]);
      kernel.eigenScales(blocks[b], at, bases, sums, 0);
    }
    return new PassOutput<>(null, sums);
  }
}
