package io.github.sparkbilevel.problem;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.RowOutputs;
import java.util.Arrays;

/**
 * The mixed product of the row weights at (θ, u), with λ as it is.
 *
 * <p>Sums Σ w_i s_i(1 − s_i) ⟨∇ℓ_i, u⟩ φ_i for a designed variable, the norms of the row
 * hypergradients for example weights, and the lower loss with the weights of λ. It leaves the
 * outputs at θ and along u, so that the {@link EvaluatePass} behind it needs no forward product.
 *
 * <p>With a refresh it also leaves the row features at θ, for the passes that follow; the sums are
 * still those of the features before.
 *
 * @param features φ and λ, or null for example weights
 * @param refresh the trusted model that serves from now on, or −1 to leave the row features
 */
record MixedProductPass(
    BlockKernel kernel,
    RowVariable variable,
    double[] theta,
    double[] tangent,
    RowFeatures features,
    int refresh)
    implements Pass<PartitionState, PartitionState> {

  static final int LOSS = 0;
  static final int ROW_GRADIENT = 1;
  static final int MIXED = ROW_GRADIENT + RowGradientNorms.SUMS;

  /** Where the moments of refreshed row features lie. */
  int moments() {
    return MIXED + variable.size();
  }

  @Override
  public String name() {
    return "mixed product";
  }

  @Override
  public String kernels() {
    return "outputs, ∇²G·u, G" + (refresh >= 0 ? ", row features" : "");
  }

  @Override
  public long bytes() {
    return 8L * (theta.length + tangent.length);
  }

  @Override
  public PassOutput<PartitionState> apply(PartitionData data, PartitionState input) {
    if (input != null) {
      input.requireBelongsTo(data);
    }
    double[] sums = new double[moments() + RowScores.SUMS];
    RowScores[] scores = input == null ? null : input.scores();
    scores = scores == null ? null : scores.clone();
    Block[] blocks = data.train();
    RowOutputs[] outputs = new RowOutputs[blocks.length];
    Loss loss = kernel.model().loss();
    int k = loss.outputs();
    for (int b = 0; b < blocks.length; b++) {
      Block block = blocks[b];
      RowOutputs rows = RowOutputs.allocate(block.rows(), 1, k, true);
      kernel.predict(block, theta, 1, tangent, rows);
      outputs[b] = rows;
      double[] directional = rows.directional(loss, block.labels());
      for (int i = 0; i < block.rows(); i++) {
        double argument = argument(block, input, b, i);
        boolean judged = variable.judged().contain(block.labels()[i]);
        double slope = judged ? Sigmoid.derivative(argument) : 0;
        double mixed = block.weight(i) * slope * directional[i];
        sums[LOSS] += block.weight(i) * Sigmoid.value(argument) * rows.losses()[i];
        RowGradientNorms.add(-mixed, block.weight(i), sums, ROW_GRADIENT);
        if (features != null && judged) {
          features.addTo(block, scores == null ? null : scores[b], i, mixed, sums, MIXED);
        }
      }
      if (refresh >= 0) {
        double[] current = new double[block.rows()];
        Arrays.setAll(current, i -> RowScores.logOdds(rows.losses()[i]));
        scores[b] = scores[b].with(refresh, current);
        scores[b].addMoments(block, variable.judged(), sums, moments());
      }
    }
    return new PassOutput<>(
        new PartitionState(
            data.fingerprint(), input == null ? null : input.lambda(), scores, null, outputs),
        sums);
  }

  private double argument(Block block, PartitionState input, int b, int row) {
    if (features != null) {
      return features.argument(block, scores(input, b), row);
    }
    if (variable instanceof RowVariable.None) {
      // s = σ(∞) = 1 and σ' = 0.
      return Double.POSITIVE_INFINITY;
    }
    return input == null
        ? ((RowVariable.ExampleWeights) variable).initial()
        : input.lambda()[b][row];
  }

  private static RowScores scores(PartitionState input, int b) {
    return input == null || input.scores() == null ? null : input.scores()[b];
  }
}
