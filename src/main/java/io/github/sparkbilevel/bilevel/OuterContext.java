package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.problem.oracle.BilevelOracle;
import io.github.sparkbilevel.problem.snapshot.Checkpoints;
import java.util.function.Consumer;

/**
 * What the outer loop of a run works with.
 *
 * @param oracle answers for the data
 * @param system solves for the steps; may hold factors from the warm-up
 * @param listener told of every iterate
 * @param checkpoints where the state goes after every iterate
 */
record OuterContext(
    BilevelOracle oracle,
    NewtonSystem system,
    Consumer<IterationRecord> listener,
    Checkpoints checkpoints) {}
