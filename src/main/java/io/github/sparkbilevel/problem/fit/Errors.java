package io.github.sparkbilevel.problem.fit;

import java.io.Serializable;

/**
 * How far predictions of real labels are off, by the rows' base weights; NaN without rows.
 *
 * @param rmse √(mean (p − b)²), in the unit of the labels
 * @param mae mean |p − b|, likewise
 * @param r2 1 − Σ (p − b)² / Σ (b − mean b)²: 1 at best, 0 for the mean label
 */
public record Errors(double rmse, double mae, double r2) implements Serializable {

  /** Sums that make them: Σ w (p − b)², Σ w |p − b|, Σ w b, Σ w b², Σ w. */
  static final int SUMS = 5;

  static void add(double p, double label, double w, double[] sums, int at) {
    double error = p - label;
    sums[at] += w * error * error;
    sums[at + 1] += w * Math.abs(error);
    sums[at + 2] += w * label;
    sums[at + 3] += w * label * label;
    sums[at + 4] += w;
  }

  static Errors read(double[] sums, int at) {
    double w = sums[at + 4];
    double mean = sums[at + 2] / w;
    double square = sums[at] / w;
    double variance = sums[at + 3] / w - mean * mean;
    return new Errors(Math.sqrt(square), sums[at + 1] / w, 1 - square / variance);
  }
}
