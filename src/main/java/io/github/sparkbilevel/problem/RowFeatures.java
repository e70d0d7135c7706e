package io.github.sparkbilevel.problem;

import io.github.sparkbilevel.block.Block;
import java.io.Serializable;

/**
 * The features φ_i of the weight function at one setting of λ, as a pass carries them.
 *
 * <p>φ_i = (1, standardised log-odds, group indicators), with all but the indicators only if the
 * variable is scored. The raw log-odds lie beside the rows; mean and deviation travel with the
 * pass, so that a refresh changes no row.
 *
 * @param variable the kinds of features
 * @param mean means of the log-odds, of at least those that the variable knows; null if not scored
 * @param deviation their standard deviations, positive; null if not scored
 * @param lambda the entries of λ that weigh rows
 */
public record RowFeatures(
    RowVariable.Designed variable, double[] mean, double[] deviation, double[] lambda)
    implements Serializable {

  /** Where λ has the slope of the log-odds that the model of the trusted rows gives. */
  public static final int TRUSTED = 1;

  /**
   * The weight σ(φᵀλ) of a row of which four things are known.
   *
   * @param trustedLoss loss of the row's label under the model of the trusted rows
   * @param currentLoss its loss under the current model
   * @param startLoss its loss under the model of the start; of no consequence where {@code
   *     variable} does not know it
   * @param group the row's group, or −1 for one that λ knows nothing of: then no indicator counts
   */
  public double weight(double trustedLoss, double currentLoss, double startLoss, int group) {
    double[] losses = {trustedLoss, currentLoss, startLoss};
    double sum = variable.scored() ? lambda[0] : 0;
    for (int f = 0; f < variable.scores(); f++) {
      sum += lambda[1 + f] * (RowScores.logOdds(losses[f]) - mean[f]) / deviation[f];
    }
    return Sigmoid.value(
        group >= 0 && variable.groups() > 0
            ? sum + lambda[variable.scoredFeatures() + group]
            : sum);
  }

  /** φ_iᵀλ. */
  double argument(Block block, RowScores scores, int row) {
    double sum = variable.scored() ? lambda[0] : 0;
    for (int f = 0; f < variable.scores(); f++) {
      sum += lambda[1 + f] * standardized(scores, row, f);
    }
    return variable.groups() > 0 ? sum + lambda[variable.scoredFeatures() + block.group(row)] : sum;
  }

  /** out += a φ_i. */
  void addTo(Block block, RowScores scores, int row, double a, double[] out, int at) {
    if (variable.scored()) {
      out[at] += a;
    }
    for (int f = 0; f < variable.scores(); f++) {
      out[at + 1 + f] += a * standardized(scores, row, f);
    }
    if (variable.groups() > 0) {
      out[at + variable.scoredFeatures() + block.group(row)] += a;
    }
  }

  /** The same features at another λ. */
  RowFeatures at(double[] other) {
    return new RowFeatures(variable, mean, deviation, other);
  }

  private double standardized(RowScores scores, int row, int f) {
    return (scores.feature(row, f) - mean[f]) / deviation[f];
  }
}
