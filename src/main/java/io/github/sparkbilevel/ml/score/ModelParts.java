package io.github.sparkbilevel.ml.score;

import io.github.sparkbilevel.model.Model;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Checks that the parts of a trained model fit together. */
public final class ModelParts {
  private ModelParts() {}

  /**
   * Throws unless the arrays have the model's sizes and the limit is one of standardised values.
   */
  public static void requireFit(
      Model model,
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

  /** Throws unless there is a label for each class, and all are different. */
  public static void requireLabels(List<String> labels, Model model) {
    expect("labels", labels.size(), model.loss().classes());
    Set<String> seen = new HashSet<>();
    for (String label : labels) {
      if (!seen.add(label)) {
        throw new IllegalArgumentException(
            "got the label '" + label + "' for two classes, expected different labels");
      }
    }
  }

  /** Throws unless there are as many as the model says. */
  private static void expect(String what, int got, int expected) {
    if (got != expected) {
      throw new IllegalArgumentException(
          "got " + got + " " + what + ", expected " + expected + " by the model");
    }
  }
}
