package io.github.sparkbilevel.problem.fit;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.block.RowView;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.model.Loss;
import java.util.Arrays;

/**
 * Training rows with the likeliest class for a label, by their votes and by a model of their
 * features:
 *
 * <pre>
 *   q_k ∝ p_k(a)^{1/τ} Π_j C_j[k][l_j]
 * </pre>
 *
 * <p>A row counts as much as its label is certain, q_k times its base weight. Without a model, π
 * takes the place of its predictions, and a row without a vote does not count.
 *
 * @param votes C_j, and π
 * @param kernel of the model
 * @param theta the model, or null for none
 * @param temperature τ
 */
public record VotedLabels(VoteModel votes, BlockKernel kernel, double[] theta, double temperature)
    implements RowView {

  @Override
  public PartitionData of(PartitionData data) {
    Block[] train = Arrays.stream(data.train()).map(this::of).toArray(Block[]::new);
    return new PartitionData(train, data.upper(), data.heldOut(), data.test());
  }

  private Block of(Block block) {
    double[] labels = new double[block.rows()];
    double[] weights = new double[block.rows()];
    double[][] logs = logarithms(block);
    for (int i = 0; i < block.rows(); i++) {
      votes.posterior(block.votes(i), logs[i]);
      int label = Vectors.argMax(logs[i]);
      boolean known = theta != null || block.votes(i).length > 0;
      labels[i] = label;
      weights[i] = known ? block.weight(i) * logs[i][label] : 0;
    }
    return block.withLabels(labels).withWeights(weights);
  }

  /** What is known of the classes of each row before the votes. */
  private double[][] logarithms(Block block) {
    double[][] logs = new double[block.rows()][];
    if (theta == null) {
      Arrays.setAll(logs, i -> votes.logPrior());
      return logs;
    }
    Loss loss = kernel.model().loss();
    double[][] models = {theta};
    JudgedRows.forEach(
        kernel,
        block,
        models,
        i -> 0,
        (i, p) -> {
          logs[i] = new double[loss.classes()];
          NoiseCountsPass.logarithms(loss, p, i, logs[i]);
          for (int k = 0; k < logs[i].length; k++) {
            logs[i][k] /= temperature;
          }
        });
    return logs;
  }

  @Override
  public String toString() {
    return "labels by votes";
  }
}
