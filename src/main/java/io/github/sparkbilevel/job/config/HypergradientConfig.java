package io.github.sparkbilevel.job.config;

import java.util.List;

/**
 * What the hypergradient job evaluates.
 *
 * @param methods the ways to solve for the adjoint; the first is the reference of the others
 * @param tolerance the largest entry that the gradient of the lower level may keep
 * @param precision {@code double} or {@code single}
 */
public record HypergradientConfig(List<String> methods, double tolerance, String precision) {}
