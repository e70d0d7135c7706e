package io.github.sparkbilevel.problem.sampling;

/**
 * What a sample of the rows says of both levels, penalty included: estimates without bias of what
 * all rows would say. What was not asked is null.
 *
 * @param lowerGradient ∇_θG
 * @param products Hv for each direction
 * @param mixedProduct ∇²_λθG · u for the first direction, one number for each entry of the driver's
 *     λ
 * @param lambdaGradient ∇_λG, likewise
 * @param upperGradient ∇_θF
 * @param rows training and trusted rows that were read
 */
public record Sampled(
    double[] lowerGradient,
    double[][] products,
    double[] mixedProduct,
    double[] lambdaGradient,
    double[] upperGradient,
    long rows) {}
