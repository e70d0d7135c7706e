package io.github.sparkbilevel.job.config;

import java.util.List;

/**
 * What the searches beside the bilevel model try: one penalty for all coefficients.
 *
 * @param points points of the grid, and trials of the random search
 * @param range the smallest and the largest penalty
 */
public record SearchConfig(int points, List<Double> range) {

  /** The smallest penalty. */
  public double low() {
    return range.get(0);
  }

  /** The largest penalty. */
  public double high() {
    return range.get(1);
  }
}
