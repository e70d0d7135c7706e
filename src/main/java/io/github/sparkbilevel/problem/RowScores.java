package io.github.sparkbilevel.problem;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.Reals;
import io.github.sparkbilevel.model.Loss;
import java.io.Serializable;

/**
 * How surely the labels of a block's rows are right, {@link Loss#logOdds}: under the models fitted
 * on trusted rows, under the current model, and under the model of the start, which is the first
 * current one.
 *
 * @param models number of trusted models
 * @param trusted n × models, row-major
 * @param chosen the trusted model that serves as a feature at present
 * @param current n numbers
 * @param start n numbers; null as long as there was no current model
 */
public record RowScores(int models, Reals trusted, int chosen, Reals current, Reals start)
    implements Serializable {

  /** The feature that does not come from the scores: the log-odds that rows bring. */
  static final int GIVEN = 3;

  /** Features of a row: those made of the scores, and the given one. */
  static final int FEATURES = GIVEN + 1;

  /** Sums that {@link #addMoments} adds for each feature: Σ w, Σ w x and Σ w x². */
  public static final int SUMS = 3 * FEATURES;

  /** The same trusted models with another one chosen, and another current model. */
  public RowScores with(int newChosen, Reals newCurrent) {
    return new RowScores(
        models, trusted, newChosen, newCurrent, start == null ? newCurrent : start);
  }

  /**
   * Feature 0 (trusted), 1 (current), 2 (start) or {@link #GIVEN} of a row, before standardisation;
   * NaN where the row brings no log-odds.
   */
  double feature(Block block, int row, int f) {
    return switch (f) {
      case 0 -> trusted.get(row * models + chosen);
      case 1 -> current.get(row);
      case GIVEN ->
          Loss.logOddsOfClass(-Math.log(block.probability(row, (int) block.labels()[row])));
      default -> start == null ? 0 : start.get(row);
    };
  }

  /**
   * Adds the moments of the rows of a block, by their base weights; the trusted score of rows that
   * it cannot judge is left out.
   */
  public void addMoments(Block block, JudgedClasses judged, double[] sums, int at) {
    for (int i = 0; i < current.size(); i++) {
      double w = block.weight(i);
      for (int f = judged.contain(block.labels()[i]) ? 0 : 1; f < FEATURES; f++) {
        double x = f == GIVEN && block.classes() == 0 ? 0 : feature(block, i, f);
        sums[at + 3 * f] += w;
        sums[at + 3 * f + 1] += w * x;
        sums[at + 3 * f + 2] += w * x * x;
      }
    }
  }

  /** Mean and standard deviation of each feature, from the sums of {@link #addMoments}. */
  public static double[][] standardization(double[] sums, int at) {
    double[] mean = new double[FEATURES];
    double[] deviation = new double[FEATURES];
    for (int f = 0; f < FEATURES; f++) {
      double weight = sums[at + 3 * f];
      mean[f] = sums[at + 3 * f + 1] / weight;
      double variance = sums[at + 3 * f + 2] / weight - mean[f] * mean[f];
      // A score that does not vary tells nothing: it is kept as 0, like a constant feature.
      deviation[f] = variance > 1e-12 ? Math.sqrt(variance) : Double.POSITIVE_INFINITY;
    }
    return new double[][] {mean, deviation};
  }
}
