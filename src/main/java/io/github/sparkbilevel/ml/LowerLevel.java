package io.github.sparkbilevel.ml;

import java.util.Locale;

/**
 * The lower-level model, before the data are known.
 *
 * @param family its outputs and loss
 * @param l2 half of this times the squared coefficients is the penalty where it is not tuned
 * @param intercept whether each output has an intercept
 * @param penalizeIntercept whether the penalty takes in the intercepts
 */
public record LowerLevel(Family family, double l2, boolean intercept, boolean penalizeIntercept) {

  /** Outputs and loss. */
  public enum Family {
    /** A margin for each class, cross-entropy. */
    SOFTMAX,
    /** One margin for two classes, logistic loss. */
    LOGISTIC,
    /** One real output, half the squared error. */
    LINEAR;

    /** The family of a word. */
    public static Family of(String word) {
      return valueOf(word.toUpperCase(Locale.ROOT));
    }
  }

  /** Whether labels are classes and not numbers. */
  public boolean classification() {
    return family != Family.LINEAR;
  }
}
