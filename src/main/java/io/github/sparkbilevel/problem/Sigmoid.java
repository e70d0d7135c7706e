package io.github.sparkbilevel.problem;

/** The logistic function σ and its derivative, exact for large arguments. */
public final class Sigmoid {
  private Sigmoid() {}

  /** σ(x) = 1 / (1 + e^−x). */
  public static double value(double x) {
    double e = Math.exp(-Math.abs(x));
    return x >= 0 ? 1 / (1 + e) : e / (1 + e);
  }

  /** σ'(x) = σ(x) σ(−x). */
  public static double derivative(double x) {
    double e = Math.exp(-Math.abs(x));
    return e / ((1 + e) * (1 + e));
  }
}
