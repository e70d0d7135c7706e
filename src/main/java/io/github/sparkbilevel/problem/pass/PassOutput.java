package io.github.sparkbilevel.problem.pass;

import java.io.Serializable;

/**
 * What a pass makes of one partition.
 *
 * @param state kept beside the data when the pass is run for its state; may be null
 * @param sums added over the partitions, in their order, or what else {@link Pass#combination()}
 *     says
 */
public record PassOutput<T extends Serializable>(T state, double[] sums) implements Serializable {}
