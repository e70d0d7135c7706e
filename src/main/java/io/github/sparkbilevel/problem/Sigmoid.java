package io.github.sparkbilevel.problem;

import io.github.sparkbilevel.linalg.Elementary;

/** The logistic function σ and its derivative, exact for large arguments. */
public final class Sigmoid {
  private Sigmoid() {}

  /** σ(x) = 1 / (1 + e^−x). */
  public static double value(double x) {
    double e = Elementary.exp(-Math.abs(x));
    return (x >= 0 ? 1 : e) / (1 + e);
  }

  /** Replaces the first numbers of an array by σ of them, to the bit as {@link #value}. */
  static void valuesInPlace(double[] x, int length) {
    double[] e = new double[length];
    for (int i = 0; i < length; i++) {
      e[i] = -Math.abs(x[i]);
    }
    Elementary.exp(e, 0, length);
    for (int i = 0; i < length; i++) {
      x[i] = (x[i] >= 0 ? 1 : e[i]) / (1 + e[i]);
    }
  }

  /** σ'(x) = σ(x) σ(−x). */
  public static double derivative(double x) {
    double e = Elementary.exp(-Math.abs(x));
    return e / ((1 + e) * (1 + e));
  }
}
