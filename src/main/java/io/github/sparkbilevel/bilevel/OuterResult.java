package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.problem.oracle.Evaluation;

/**
 * What the outer loop found.
 *
 * @param best the evaluation that {@link HeldOutChoice} prefers. Its λ_i beside the rows are the
 *     learned ones. The caller releases it
 * @param course of the loop
 */
public record OuterResult(Evaluation best, OuterCourse course) {}
