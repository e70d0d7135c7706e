package io.github.sparkbilevel.bilevel.algorithm;

import io.github.sparkbilevel.solve.Status;

/**
 * The outcome of a run.
 *
 * @param state the last state whose numbers are finite
 * @param iterations iterations that led to it
 * @param cost of all iterations; what setting the steps cost is booked as warm-up
 * @param status BUDGET_SPENT after all iterations, CONVERGED where the listener ended the run,
 *     NOT_FINITE where a number that is not finite turned up
 */
public record AlgorithmResult(
    AlgorithmState state, int iterations, CountedCost cost, Status status) {}
