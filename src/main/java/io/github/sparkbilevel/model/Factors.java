package io.github.sparkbilevel.model;

import java.io.Serializable;

/**
 * What makes the Kronecker factors of a network.
 *
 * @param fisher whose gradients
 * @param sharing how weights that positions share make them
 */
public record Factors(Fisher fisher, Sharing sharing) implements Serializable {}
