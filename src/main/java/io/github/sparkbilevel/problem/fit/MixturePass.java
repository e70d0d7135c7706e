package io.github.sparkbilevel.problem.fit;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.RowOutputs;
import io.github.sparkbilevel.problem.pass.Pass;
import io.github.sparkbilevel.problem.pass.PassOutput;
import java.util.Arrays;

/**
 * The expectation of EM for a mixture of two models: training rows count for the first as much as
 * it is likely that their label comes from there, r = (1 − π) p_b / ((1 − π) p_b + π p′_b), and for
 * the second as much as is left.
 *
 * <p>Sums: the weights of the rows of each model, trusted rows included; then Σ w (1 − r), Σ w ln
 * p(given label) and Σ w of the training rows.
 *
 * @param theta the parameters of the first model, then those of the second
 * @param share π
 */
record MixturePass(BlockKernel kernel, double[] theta, double share)
    implements Pass<FitState, FitState> {
  static final int SECOND = 2;
  static final int LOG_LIKELIHOOD = 3;
  static final int WEIGHT = 4;

  @Override
  public String name() {
    return "mixture";
  }

  @Override
  public String kernels() {
    return "outputs of 2 models, responsibilities";
  }

  @Override
  public long bytes() {
    return 8L * theta.length;
  }

  @Override
  public PassOutput<FitState> apply(PartitionData data, FitState input) {
    Loss loss = kernel.model().loss();
    double[] sums = new double[WEIGHT + 1];
    double[][] training = new double[data.train().length][];
    for (int b = 0; b < training.length; b++) {
      Block block = data.train()[b];
      int n = block.rows();
      RowOutputs outputs = RowOutputs.allocate(n, 2, loss.outputs(), false);
      kernel.predict(block, theta, 2, null, outputs);
      training[b] = new double[2 * n];
      for (int i = 0; i < n; i++) {
        double label = block.labels()[i];
        double w = block.weight(i);
        double first = (1 - share) * loss.probability(outputs.predictions(loss, n, 0), i, label);
        double second = share * loss.probability(outputs.predictions(loss, n, 1), i, label);
        double likelihood = Math.max(first + second, Double.MIN_NORMAL);
        double r = first / likelihood;
        training[b][i] = w * r;
        training[b][n + i] = w * (1 - r);
        sums[0] += w * r;
        sums[1] += w * (1 - r);
        sums[SECOND] += w * (1 - r);
        sums[LOG_LIKELIHOOD] += w * Math.log(likelihood);
        sums[WEIGHT] += w;
      }
    }
    sums[0] += Arrays.stream(input.trusted()).flatMapToDouble(Arrays::stream).sum();
    return new PassOutput<>(
        new FitState(data.fingerprint(), training, input.trusted(), null, null), sums);
  }
}
