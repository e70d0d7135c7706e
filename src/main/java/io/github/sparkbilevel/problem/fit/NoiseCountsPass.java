package io.github.sparkbilevel.problem.fit;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.model.Confusion;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.OutputTile;
import io.github.sparkbilevel.problem.PartitionState;
import io.github.sparkbilevel.problem.pass.PassOutput;
import io.github.sparkbilevel.problem.sampling.Folds;
import java.util.Arrays;

/**
 * The expectation of EM, by models that did not see the row: the posterior of its true class given
 * its label, at a temperature τ of the models, p_k^{1/τ} / Σ_j p_j^{1/τ}.
 *
 * <p>Sums: the counts Σ w q_k at [g][k][l], then Σ w ln p(given label) at each τ of a grid, then Σ
 * w.
 *
 * @param theta a model without each fold
 * @param confusion the C to go by
 * @param temperature index of τ for the counts
 */
record NoiseCountsPass(
    BlockKernel kernel, double[][] theta, Folds folds, Confusion confusion, int temperature)
    implements OutputsPass {

  /** 2^(−8/6) … 2^(8/6), six to an octave; 1 is among them. */
  static final double[] TEMPERATURES = temperatures();

  private static double[] temperatures() {
    double[] grid = new double[17];
    Arrays.setAll(grid, t -> Math.pow(2, (t - 8) / 6.0));
    return grid;
  }

  int likelihoods() {
    return confusion.groups() * confusion.classes() * confusion.classes();
  }

  int weight() {
    return likelihoods() + TEMPERATURES.length;
  }

  @Override
  public String name() {
    return "noise counts";
  }

  @Override
  public String kernels() {
    return "outputs of " + theta.length + " models, posteriors, counts";
  }

  @Override
  public PassOutput<PartitionState> apply(PartitionData data, PartitionState input) {
    Loss loss = kernel.model().loss();
    int classes = loss.classes();
    double[] sums = new double[weight() + 1];
    double[] logs = new double[classes];
    double[] q = new double[classes];
    Judge judge = new Judge(theta, folds, new JudgingRule.Preferred());
    for (Block block : data.train()) {
      JudgedRows.forEach(
          kernel,
          block,
          judge,
          (i, p) -> {
            logarithms(loss, p, i, logs);
            addRow(block, i, logs, q, sums);
          });
    }
    return new PassOutput<>(null, sums);
  }

  /**
   * Adds a row.
   *
   * @param logs ln p of each class, up to a number
   * @param q scratch
   */
  private void addRow(Block block, int row, double[] logs, double[] q, double[] sums) {
    int classes = logs.length;
    double w = block.weight(row);
    int label = (int) block.labels()[row];
    int group = confusion.groups() == 1 ? 0 : block.group(row);
    for (int t = 0; t < TEMPERATURES.length; t++) {
      soften(logs, TEMPERATURES[t], q);
      sums[likelihoods() + t] += w * Math.log(confusion.posterior(q, group, label));
      for (int k = 0; t == temperature && k < classes; k++) {
        sums[(group * classes + k) * classes + label] += w * q[k];
      }
    }
    sums[weight()] += w;
  }

  /** ln p of each class, less the greatest. */
  static void logarithms(Loss loss, OutputTile p, int row, double[] out) {
    double most = Double.NEGATIVE_INFINITY;
    for (int k = 0; k < out.length; k++) {
      out[k] = Math.log(Math.max(loss.probability(p, row, k), Double.MIN_NORMAL));
      most = Math.max(most, out[k]);
    }
    for (int k = 0; k < out.length; k++) {
      out[k] -= most;
    }
  }

  /** p^{1/τ}, made to sum to 1. */
  static void soften(double[] logs, double temperature, double[] out) {
    double sum = 0;
    for (int k = 0; k < logs.length; k++) {
      out[k] = Math.exp(logs[k] / temperature);
      sum += out[k];
    }
    for (int k = 0; k < logs.length; k++) {
      out[k] /= sum;
    }
  }
}
