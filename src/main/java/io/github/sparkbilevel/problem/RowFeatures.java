package io.github.sparkbilevel.problem;

import io.github.sparkbilevel.block.Block;
import java.io.Serializable;

/**
 * The features φ_i of the weight function at one setting of λ, as a pass carries them.
 *
 * <p>φ_i = (1, standardised log-odds, group indicators), with the first three only if the variable
 * is scored. The raw log-odds lie beside the rows; mean and deviation travel with the pass, so that
 * a refresh changes no row.
 *
 * @param variable the kinds of features
 * @param mean means of the two log-odds; null if not scored
 * @param deviation their standard deviations, positive; null if not scored
 * @param lambda the entries of λ that weigh rows
 */
public record RowFeatures(
    RowVariable.Designed variable, double[] mean, double[] deviation, double[] lambda)
    implements Serializable {

  /** Where λ has the slope of the log-odds that the model of the trusted rows gives. */
  public static final int TRUSTED = 1;

  /**
   * The weight σ(φᵀλ) of a row of which three things are known.
   *
   * @param trustedLoss loss of the row's label under the model of the trusted rows
   * @param currentLoss its loss under the current model
   * @param group the row's group, or −1 for one that λ knows nothing of: then no indicator counts
   */
  public double weight(double trustedLoss, double currentLoss, int group) {
    double sum = 0;
    int next = 0;
    if (variable.scored()) {
      sum =
          lambda[0]
              + lambda[1] * (RowScores.logOdds(trustedLoss) - mean[0]) / deviation[0]
              + lambda[2] * (RowScores.logOdds(currentLoss) - mean[1]) / deviation[1];
      next = RowVariable.Designed.SCORED_FEATURES;
    }
    return Sigmoid.value(group >= 0 && variable.groups() > 0 ? sum + lambda[next + group] : sum);
  }

  /** φ_iᵀλ. */
  double argument(Block block, RowScores scores, int row) {
    double sum = 0;
    int next = 0;
    if (variable.scored()) {
      sum = lambda[0];
      for (int f = 0; f < RowScores.FEATURES; f++) {
        sum += lambda[1 + f] * standardized(scores, row, f);
      }
      next = RowVariable.Designed.SCORED_FEATURES;
    }
    return variable.groups() > 0 ? sum + lambda[next + block.group(row)] : sum;
  }

  /** out += a φ_i. */
  void addTo(Block block, RowScores scores, int row, double a, double[] out, int at) {
    int next = 0;
    if (variable.scored()) {
      out[at] += a;
      for (int f = 0; f < RowScores.FEATURES; f++) {
        out[at + 1 + f] += a * standardized(scores, row, f);
      }
      next = RowVariable.Designed.SCORED_FEATURES;
    }
    if (variable.groups() > 0) {
      out[at + next + block.group(row)] += a;
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
