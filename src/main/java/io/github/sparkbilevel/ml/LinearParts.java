package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.model.LinearModel;
import java.util.List;

/** Checks that the parts of a linear model fit together. */
final class LinearParts {
  private LinearParts() {}

  /**
   * Throws unless the arrays have the model's sizes and the limit is one of standardised values.
   */
  static void requireFit(
      LinearModel model,
      double[] theta,
      double[] mean,
      double[] scale,
      double clip,
      List<String> featureNames) {
    expect("parameters", theta.length, model.size());
    if (!featureNames.isEmpty()) {
      expect("feature names", featureNames.size(), model.features());
    }
    if ((mean == null) != (scale == null)) {
      throw new IllegalArgumentException(
          "got only one of mean and scale, expected both, or null for both");
    }
    if (mean != null) {
      expect("means", mean.length, model.features());
      expect("scales", scale.length, model.features());
    }
    // The negation catches NaN too.
    if (!(clip > 0)) {
      throw new IllegalArgumentException(
          "got clip = " + clip + ", expected a positive number, infinite for none");
    }
    if (mean == null && clip < Double.POSITIVE_INFINITY) {
      throw new IllegalArgumentException(
          "got clip = "
              + clip
              + " without mean and scale, expected an infinite one: only standardised features"
              + " are limited");
    }
  }

  /** Throws unless there are as many as the model says. */
  static void expect(String what, int got, int expected) {
    if (got != expected) {
      throw new IllegalArgumentException(
          "got " + got + " " + what + ", expected " + expected + " by the model");
    }
  }
}
