package io.github.sparkbilevel.problem;

import io.github.sparkbilevel.block.Block;
import java.io.Serializable;
import java.util.Arrays;
import java.util.function.IntUnaryOperator;

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
   * The weight σ(φᵀλ) of a row of which three things are known.
   *
   * @param label the row's class index, or −1 for a label that is no class
   * @param losses of the label under the model of the trusted rows, under the current model, and
   *     under that of the start, as far as the variable knows them
   * @param group the row's group, or −1 for one that λ knows nothing of: then no indicator counts
   */
  public double weight(double label, double[] losses, int group) {
    double sum = variable.scored() ? lambda[0] : 0;
    for (int f = firstScore(label); f < variable.scores(); f++) {
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
    for (int f = firstScore(block.labels()[row]); f < variable.scores(); f++) {
      sum += lambda[1 + f] * standardized(scores, row, f);
    }
    return variable.groups() > 0 ? sum + lambda[variable.scoredFeatures() + block.group(row)] : sum;
  }

  /** Whether a row takes part in ∇_λΦ. */
  boolean judges(Block block, int row) {
    return variable.judged().contain(block.labels()[row]);
  }

  /** Of classes that the trusted rows lack, the first score, that of their model, says nothing. */
  private int firstScore(double label) {
    return variable.judged().contain(label) ? 0 : 1;
  }

  /** out += a φ_i, for a row of a judged class. */
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

  /** The same features where class k of these has another index. */
  public RowFeatures withClassesAt(IntUnaryOperator index) {
    int[] unjudged = Arrays.stream(variable.judged().others()).map(index).toArray();
    return new RowFeatures(
        new RowVariable.Designed(
            variable.scores(), variable.groups(), JudgedClasses.allBut(unjudged)),
        mean,
        deviation,
        lambda);
  }

  /** The same features at another λ. */
  RowFeatures at(double[] other) {
    return new RowFeatures(variable, mean, deviation, other);
  }

  private double standardized(RowScores scores, int row, int f) {
    return (scores.feature(row, f) - mean[f]) / deviation[f];
  }
}
