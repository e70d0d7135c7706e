package io.github.sparkbilevel.ml;

import java.util.Arrays;
import java.util.Locale;

/** What the upper level may tune, by the words of params and job files. */
public enum UpperVariable {
  /** Weights of rows by a function of few features of the row. */
  WEIGHT_FUNCTION,
  /** A weight for each row. */
  EXAMPLE_WEIGHTS,
  /** A weight for each group of rows. */
  GROUP_WEIGHTS,
  /** One penalty. */
  L2,
  /** A penalty for each layer of a network. */
  L2_PER_LAYER,
  /** A penalty for each output. */
  L2_PER_CLASS,
  /** A penalty for each feature. */
  L2_PER_FEATURE,
  /** A penalty for each coefficient. */
  L2_PER_COEFFICIENT,
  /** A penalty for each group of features. */
  L2_PER_GROUP;

  private static final double[] PENALTY_BOUNDS = {Math.log(1e-10), Math.log(1e4)};
  private static final double[] WEIGHT_BOUNDS = {-10, 10};

  /** The least and the greatest λ, unless told otherwise; a new array. */
  public double[] bounds() {
    return isPenalty() ? PENALTY_BOUNDS.clone() : WEIGHT_BOUNDS.clone();
  }

  /** The word. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Whether it is a penalty and not a kind of weights. */
  public boolean isPenalty() {
    return compareTo(L2) >= 0;
  }

  /** The variable of a word. */
  public static UpperVariable of(String word) {
    return Arrays.stream(values())
        .filter(variable -> variable.label().equals(word))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "got the upper variable '"
                        + word
                        + "', expected one of "
                        + Arrays.stream(values()).map(UpperVariable::label).toList()));
  }
}
