package io.github.sparkbilevel.problem;

import java.io.Serializable;

/**
 * The memory of SAGA beside the rows of a partition.
 *
 * @param fingerprint of the rows it belongs to
 * @param base what the weights of rows are computed from, or null
 * @param table the last sums of each mini-block
 */
record SagaState(long fingerprint, PartitionState base, double[][] table) implements Serializable {}
