package io.github.sparkbilevel.spark.event;

import io.github.sparkbilevel.problem.pass.PassLedger;

/**
 * A pass is done and booked.
 *
 * @param number of the pass, from 1; a run that goes on from a checkpoint counts on
 * @param iteration the outer iteration that it belongs to; 0 outside of the outer loop and before
 *     its first iteration
 * @param pass what it was and what it cost
 */
public record PassEnded(String run, int number, int iteration, PassLedger.Entry pass)
    implements RunEvent {}
