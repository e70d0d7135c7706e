package io.github.sparkbilevel.problem;

import java.io.Serializable;

/**
 * How the upper variable sets the weight s_i of a training row.
 *
 * <ul>
 *   <li>{@link None}: s_i = 1, nothing to learn;
 *   <li>{@link ExampleWeights}: s_i = σ(λ_i); λ has an entry for every row and lives beside the
 *       rows;
 *   <li>{@link Designed}: s_i = σ(φ_iᵀλ) with few row features φ_i; λ lives on the driver. With
 *       group indicators alone these are the group weights; with log-odds, the weight function.
 * </ul>
 *
 * A base weight of the row multiplies s_i.
 */
public sealed interface RowVariable extends Serializable {

  /** Number of entries of λ on the driver. */
  int size();

  /** s_i = 1. */
  record None() implements RowVariable {
    @Override
    public int size() {
      return 0;
    }
  }

  /**
   * s_i = σ(λ_i), λ beside the rows.
   *
   * @param initial λ_i at the start
   */
  record ExampleWeights(double initial) implements RowVariable {
    @Override
    public int size() {
      return 0;
    }
  }

  /**
   * s_i = σ(φ_iᵀλ): φ_i holds, if {@code scored}, the constant 1, the log-odds that the trusted
   * rows' model gives to the row's label and those that the current model gives to it, both
   * standardised; then an indicator for each group.
   *
   * @param scored whether the constant and the log-odds are there
   * @param groups number of group indicators, 0 for none
   */
  record Designed(boolean scored, int groups) implements RowVariable {

    /** Number of features that are not indicators. */
    public static final int SCORED_FEATURES = 3;

    /** Checks that there is a feature at all. */
    public Designed {
      if (!scored && groups < 1) {
        throw new IllegalArgumentException("got no scores and " + groups + " groups, expected one");
      }
    }

    @Override
    public int size() {
      return (scored ? SCORED_FEATURES : 0) + groups;
    }
  }
}
