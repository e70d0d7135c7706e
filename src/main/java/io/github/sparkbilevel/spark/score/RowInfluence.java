package io.github.sparkbilevel.spark.score;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.RowOutputs;
import io.github.sparkbilevel.problem.Weighing;
import java.io.Serializable;

/**
 * What the weight of a row does to the loss of the trusted rows, ∂Φ/∂s_i = −(1/n) b_i ⟨∇ℓ_i(θ), u⟩:
 * a row of positive influence does harm where it stands, and one of negative influence helps.
 *
 * @param weighing how λ weighs rows, or shapes their loss
 * @param theta θ of the lower level at λ
 * @param adjoint u with H u = ∇_θF
 * @param rows n
 */
public record RowInfluence(Weighing weighing, double[] theta, double[] adjoint, long rows)
    implements Serializable {

  /** The influence of each row of a block. */
  double[] of(BlockKernel kernel, Block block) {
    BlockKernel lower = weighing.lower(kernel);
    Loss loss = lower.model().loss();
    Block given = loss.given(block);
    RowOutputs outputs = RowOutputs.allocate(block.rows(), 1, loss.outputs(), true);
    lower.predict(given, theta, 1, adjoint, outputs);
    double[] influence = outputs.directional(loss, given.labels());
    for (int i = 0; i < influence.length; i++) {
      influence[i] *= -block.weight(i) / rows;
    }
    return influence;
  }
}
