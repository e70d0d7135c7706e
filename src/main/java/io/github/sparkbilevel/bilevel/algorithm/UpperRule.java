package io.github.sparkbilevel.bilevel.algorithm;

import java.io.Serializable;
import java.util.List;

/**
 * How λ moves along a direction h, an estimate of the hypergradient, with the length γ_t = length ·
 * (1 + t)^−decay.
 *
 * <pre>
 *   GRADIENT   λ⁺ = Π(λ − γ_t h)
 *   ADAM       m = β₁ m + (1 − β₁) h,  v = β₂ v + (1 − β₂) h²,  λ⁺ = Π(λ − γ_t m̂ / (√v̂ + ε))
 * </pre>
 *
 * <p>The papers take gradient steps, with a length set for each data set. Hypergradients of
 * penalties and weights differ by orders of magnitude between data sets, and Adam (Kingma and Ba,
 * ICLR 2015) has steps of about γ_t on all of them; β = (0.9, 0.95), as in {@code bilevel.Adam}.
 *
 * @param kind which of the two
 * @param length γ_0
 * @param decay ≥ 0
 */
public record UpperRule(Kind kind, double length, double decay) implements Serializable {
  private static final double BETA_1 = 0.9;
  private static final double BETA_2 = 0.95;
  private static final double EPSILON = 1e-12;

  /** The kinds of rules. */
  public enum Kind {
    /** A multiple of h. */
    GRADIENT,
    /** Steps of one length, whatever the size of h. */
    ADAM
  }

  /** Checks the numbers. */
  public UpperRule {
    if (!(length > 0) || !(decay >= 0)) {
      throw new IllegalArgumentException(
          "got a length of %s and a decay of %s for the steps of λ, expected > 0 and ≥ 0"
              .formatted(length, decay));
    }
  }

  /** Vectors of the state's memory that the rule takes: the first ones. */
  public int memorySize() {
    return kind == Kind.ADAM ? 2 : 0;
  }

  /**
   * λ⁺, and the rule's part of the memory behind it.
   *
   * @param t steps before
   */
  List<double[]> step(AlgorithmState from, double[] h, long t, AlgorithmSettings.Bounds bounds) {
    double[] lambda = from.lambda();
    int n = lambda.length;
    double gamma = length * Math.pow(1.0 + t, -decay);
    double[] next = new double[n];
    if (kind == Kind.GRADIENT) {
      for (int j = 0; j < n; j++) {
        next[j] = bounds.within(j, lambda[j] - gamma * h[j]);
      }
      return List.of(next);
    }
    double[] m = from.memory(0, n).clone();
    double[] v = from.memory(1, n).clone();
    double ofMean = 1 - Math.pow(BETA_1, t + 1.0);
    double ofSquare = 1 - Math.pow(BETA_2, t + 1.0);
    for (int j = 0; j < n; j++) {
      m[j] = BETA_1 * m[j] + (1 - BETA_1) * h[j];
      v[j] = BETA_2 * v[j] + (1 - BETA_2) * h[j] * h[j];
      double scaled = m[j] / ofMean / (Math.sqrt(v[j] / ofSquare) + EPSILON);
      next[j] = bounds.within(j, lambda[j] - gamma * scaled);
    }
    return List.of(next, m, v);
  }
}
