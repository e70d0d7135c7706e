package io.github.sparkbilevel.backend;

/**
 * Some columns of a matrix.
 *
 * @param first the first one
 * @param step from one to the next
 * @param count how many
 */
public record Columns(int first, int step, int count) {}
