package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.solve.Status;
import java.util.List;

/**
 * The course of an outer loop.
 *
 * @param bestIteration the iteration whose λ was taken
 * @param status how the run ended
 * @param history an entry for each iteration, from the start on
 */
public record OuterCourse(int bestIteration, Status status, List<IterationRecord> history) {}
