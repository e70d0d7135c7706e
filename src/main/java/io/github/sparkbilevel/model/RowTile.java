package io.github.sparkbilevel.model;

/**
 * Some rows of a block under one parameter set, when their outputs are known.
 *
 * @param from index of the first row in the block
 * @param rows number of rows
 * @param set index of the parameter set
 * @param losses ℓ of each row
 * @param directional ⟨∇_θ ℓ, u⟩ of each row for the tangent u, or null without a tangent
 */
public record RowTile(int from, int rows, int set, TileColumn losses, TileColumn directional) {}
