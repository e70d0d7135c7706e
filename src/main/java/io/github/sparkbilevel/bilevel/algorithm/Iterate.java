package io.github.sparkbilevel.bilevel.algorithm;

/**
 * What a listener is told after an iteration.
 *
 * @param iteration from 1
 * @param state where the algorithm stands
 * @param cost of this iteration
 * @param total of all iterations so far
 */
public record Iterate(int iteration, AlgorithmState state, CountedCost cost, CountedCost total) {}
