package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.problem.Tally;

/**
 * What is known after an outer iteration.
 *
 * @param iteration from 1; 0 is the point after the warm-up
 * @param passes passes of the outer loop so far
 * @param seconds since the solve began
 * @param upper the trusted rows that make F
 * @param heldOut the trusted rows held out
 * @param test the test rows
 * @param lowerObjective G(θ, λ)
 * @param lowerGradientNorm ‖∇_θ G‖
 * @param hypergradientNorm ‖∇Φ‖ over all entries of λ
 * @param products Hessian products of this iteration
 * @param stepLength share of the Newton step that was taken
 * @param evaluations evaluations of the hypergradient so far
 * @param lambda the driver's part of λ
 */
public record IterationRecord(
    int iteration,
    int passes,
    double seconds,
    Tally upper,
    Tally heldOut,
    Tally test,
    double lowerObjective,
    double lowerGradientNorm,
    double hypergradientNorm,
    int products,
    double stepLength,
    int evaluations,
    double[] lambda) {}
