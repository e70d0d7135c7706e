package io.github.sparkbilevel.bilevel.algorithm;

import java.io.Serializable;

/**
 * How an algorithm runs; {@link Algorithm#defaults} has what each was made for.
 *
 * @param iterations outer iterations
 * @param inner loops in an iteration
 * @param steps lengths of steps
 * @param sampling what a draw reads
 * @param bounds of λ
 */
public record AlgorithmSettings(
    int iterations, Inner inner, Steps steps, Sampling sampling, Bounds bounds)
    implements Serializable {

  /** Checks the numbers. */
  public AlgorithmSettings {
    if (iterations < 0 || inner.lowerSteps < 1 || inner.linearSteps < 1) {
      throw new IllegalArgumentException(
          "got %d iterations, %d lower and %d linear steps; expected 0, 1 and 1 or more"
              .formatted(iterations, inner.lowerSteps, inner.linearSteps));
    }
  }

  /**
   * The loops in an iteration.
   *
   * @param lowerSteps T, steps on θ, for algorithms with a loop there
   * @param linearSteps Q, steps or products for the linear system, likewise
   */
  public record Inner(int lowerSteps, int linearSteps) implements Serializable {}

  private static final double DECAY = 0.4;

  /**
   * One step of θ and u for each of λ, which moves by Adam with 0.3/√(1 + t).
   *
   * @param share of the rows that a draw reads; below 1 the steps of θ and u shrink
   */
  public static AlgorithmSettings oneLoop(int iterations, double share, Bounds bounds, long seed) {
    UpperRule rule = new UpperRule(UpperRule.Kind.ADAM, 0.3, 0.5);
    return new AlgorithmSettings(
        iterations,
        new Inner(1, 1),
        new Steps(1, 1, share < 1 ? DECAY : 0, rule),
        new Sampling(share, 1, seed),
        bounds);
  }

  /**
   * Lengths of steps, as {@link StepSizes} makes them.
   *
   * @param lower length of the steps on θ, where 1 is the longest that is known to be safe
   * @param linear length of the steps on the linear system, likewise
   * @param decay a ≥ 0: both shrink as (1 + t/C)^−a, with t iterations and C draws in an epoch
   * @param upper the rule for λ
   */
  public record Steps(double lower, double linear, double decay, UpperRule upper)
      implements Serializable {

    /** Checks the numbers. */
    public Steps {
      if (!(lower > 0) || !(linear > 0) || !(decay >= 0)) {
        throw new IllegalArgumentException(
            "got lengths %s and %s and a decay of %s, expected > 0, > 0 and ≥ 0"
                .formatted(lower, linear, decay));
      }
    }
  }

  /**
   * What a draw reads.
   *
   * @param share of the rows, above 0 and at most 1
   * @param localSteps iterations that each partition takes on its own rows in one pass; 1 for none
   * @param seed of the draws
   */
  public record Sampling(double share, int localSteps, long seed) implements Serializable {

    /** Checks the numbers. */
    public Sampling {
      if (!(share > 0 && share <= 1) || localSteps < 1) {
        throw new IllegalArgumentException(
            "got a batch share of %s and %d local steps, expected above 0 and at most 1, and 1 or more"
                .formatted(share, localSteps));
      }
    }

    /** All rows in every draw. */
    public static Sampling all() {
      return new Sampling(1, 1, 0);
    }
  }

  /**
   * Bounds of λ.
   *
   * @param low the least value of each entry, or one for all
   * @param high the greatest, likewise
   */
  public record Bounds(double[] low, double[] high) implements Serializable {

    /** Checks that there is something between. */
    public Bounds {
      for (int j = 0; j < Math.max(low.length, high.length); j++) {
        double least = low[low.length == 1 ? 0 : j];
        double greatest = high[high.length == 1 ? 0 : j];
        if (!(least < greatest)) {
          throw new IllegalArgumentException(
              "got bounds [%s, %s] of λ, expected the first below the second"
                  .formatted(least, greatest));
        }
      }
    }

    /** The same for all entries. */
    public static Bounds of(double low, double high) {
      return new Bounds(new double[] {low}, new double[] {high});
    }

    double within(int j, double value) {
      return Math.max(
          low[low.length == 1 ? 0 : j], Math.min(high[high.length == 1 ? 0 : j], value));
    }
  }

  /** The same for another number of iterations. */
  public AlgorithmSettings iterations(int number) {
    return new AlgorithmSettings(number, inner, steps, sampling, bounds);
  }

  /** The same with other loops inside. */
  public AlgorithmSettings inner(int ofLower, int ofLinear) {
    return new AlgorithmSettings(iterations, new Inner(ofLower, ofLinear), steps, sampling, bounds);
  }

  /** The same with other lengths of steps. */
  public AlgorithmSettings steps(Steps other) {
    return new AlgorithmSettings(iterations, inner, other, sampling, bounds);
  }

  /** The same with other draws. */
  public AlgorithmSettings sampling(Sampling other) {
    return new AlgorithmSettings(iterations, inner, steps, other, bounds);
  }
}
