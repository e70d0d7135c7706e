package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.problem.oracle.Evaluation;
import io.github.sparkbilevel.solve.Status;
import java.util.List;

/**
 * What the outer loop found.
 *
 * @param best the evaluation that {@link HeldOutChoice} prefers. Its λ_i beside the rows are the
 *     learned ones. The caller releases it
 * @param bestIteration the iteration that it belongs to
 * @param status how the run ended
 */
public record OuterResult(
    Evaluation best, int bestIteration, Status status, List<IterationRecord> history) {}
