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

  /** The classes whose rows take part in ∇_λΦ. */
  default JudgedClasses judged() {
    return JudgedClasses.ALL;
  }

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
   * @param initial λ_i at the start, where that of other classes stays
   */
  record ExampleWeights(double initial, JudgedClasses judged) implements RowVariable {
    /** With all classes judged. */
    public ExampleWeights(double initial) {
      this(initial, JudgedClasses.ALL);
    }

    @Override
    public int size() {
      return 0;
    }
  }

  /**
   * s_i = σ(φ_iᵀλ): φ_i holds the constant 1 and the log-odds that up to three models give to the
   * row's label, standardised: the model of the trusted rows, the current one, and the one that the
   * run started from; then an indicator for each group.
   *
   * @param scores number of the log-odds: {@link #WITHOUT_START}, {@link #ALL_SCORES}, or 0, where
   *     there is no constant either
   * @param groups number of group indicators, 0 for none
   */
  record Designed(int scores, int groups, JudgedClasses judged) implements RowVariable {

    /** The log-odds of the model of the trusted rows and of the current one. */
    public static final int WITHOUT_START = 2;

    /** Those, and the log-odds of the model that the run started from. */
    public static final int ALL_SCORES = RowScores.FEATURES;

    /** Checks that there is a feature at all. */
    public Designed {
      if (scores != 0 && scores != WITHOUT_START && scores != ALL_SCORES) {
        throw new IllegalArgumentException("got " + scores + " scores, expected 0, 2 or 3");
      }
      if (scores == 0 && groups < 1) {
        throw new IllegalArgumentException("got no scores and " + groups + " groups, expected one");
      }
    }

    /** With all classes judged. */
    public Designed(int scores, int groups) {
      this(scores, groups, JudgedClasses.ALL);
    }

    /** All of the log-odds, or none, with all classes judged. */
    public Designed(boolean scored, int groups) {
      this(scored ? ALL_SCORES : 0, groups);
    }

    /** Whether the constant and log-odds are there. */
    public boolean scored() {
      return scores > 0;
    }

    /** Whether the log-odds of the model of the start are there. */
    public boolean knowsStart() {
      return scores == ALL_SCORES;
    }

    /** Number of features that are not indicators. */
    int scoredFeatures() {
      return scored() ? 1 + scores : 0;
    }

    @Override
    public int size() {
      return scoredFeatures() + groups;
    }
  }
}
