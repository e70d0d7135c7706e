package io.github.sparkbilevel.job.config;

/**
 * What the searches beside the bilevel model try: one penalty for all coefficients.
 *
 * @param points points of the grid, and trials of the random search
 * @param low the smallest penalty
 * @param high the largest penalty
 */
public record SearchConfig(int points, double low, double high) {}
