package io.github.sparkbilevel.job.report;

import java.util.List;

/**
 * How the penalties of a tuning job came out; λ is the logarithm of a penalty.
 *
 * @param unit what each penalty belongs to, in the plural: {@code features}, {@code classes}
 * @param names the name of each penalty
 * @param lambda the λ of each
 * @param bounds the least and the greatest λ of each
 * @param paths for each entry of the history the λ at it; empty where these were not kept
 */
public record TunedPenalties(
    String unit, List<String> names, double[] lambda, double[][] bounds, List<double[]> paths) {

  boolean isDropped(int j) {
    return lambda[j] >= bounds[1][j];
  }

  boolean isAtLowerBound(int j) {
    return lambda[j] <= bounds[0][j];
  }
}
