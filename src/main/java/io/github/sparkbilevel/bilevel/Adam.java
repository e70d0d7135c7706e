package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.problem.Snapshot;

/**
 * Adam (Kingma and Ba, ICLR 2015, algorithm 1) within bounds: steps of about one length whatever
 * the scale of the hypergradient, which for weights differs by orders of magnitude between data
 * sets.
 *
 * <pre>
 *   m = β₁ m + (1 − β₁) g,  v = β₂ v + (1 − β₂) g²,  λ⁺ = Π(λ − step · m̂ / (√v̂ + ε))
 * </pre>
 *
 * β₂ = 0.95 instead of 0.999: a run has tens of iterations, not thousands.
 */
public final class Adam implements LambdaRule {
  /** Length of the first steps of a λ on the driver, unless told otherwise. */
  public static final double DRIVER_STEP = 0.2;

  private static final double BETA_1 = 0.9;
  private static final double BETA_2 = 0.95;
  private static final double EPSILON = 1e-12;

  private final double step;
  private final double[] low;
  private final double[] high;
  private Moments moments;

  /**
   * Sets up the rule with the same bounds for all entries.
   *
   * @param step the length of the first steps, positive
   * @param low the least λ
   * @param high the greatest λ
   */
  public Adam(double step, double low, double high) {
    this(step, new double[] {low}, new double[] {high});
  }

  /**
   * Sets up the rule.
   *
   * @param step the length of the first steps, positive
   * @param low the least λ: a number for each entry, or one for all
   * @param high the greatest λ, likewise
   */
  public Adam(double step, double[] low, double[] high) {
    for (int j = 0; j < low.length; j++) {
      if (!(step > 0) || !(low[j] < high[j])) {
        throw new IllegalArgumentException(
            "got step %s and bounds [%s, %s], expected a positive step and low < high"
                .formatted(step, low[j], high[j]));
      }
    }
    this.step = step;
    this.low = low.clone();
    this.high = high.clone();
  }

  private record Moments(double[] m, double[] v, int t) {}

  @Override
  public Proposal propose(double[] lambda, double[] hypergradient) {
    int n = lambda.length;
    double[] m = new double[n];
    double[] v = new double[n];
    double[] next = new double[n];
    int t = moments == null ? 1 : moments.t() + 1;
    for (int j = 0; j < n; j++) {
      double g = hypergradient[j];
      m[j] = BETA_1 * (moments == null ? 0 : moments.m()[j]) + (1 - BETA_1) * g;
      v[j] = BETA_2 * (moments == null ? 0 : moments.v()[j]) + (1 - BETA_2) * g * g;
      double mHat = m[j] / (1 - Math.pow(BETA_1, t));
      double vHat = v[j] / (1 - Math.pow(BETA_2, t));
      double moved = lambda[j] - step * mHat / (Math.sqrt(vHat) + EPSILON);
      next[j] =
          Math.max(low[low.length == 1 ? 0 : j], Math.min(high[high.length == 1 ? 0 : j], moved));
    }
    return new Proposal() {
      @Override
      public double[] lambda() {
        return next;
      }

      @Override
      public void accept() {
        moments = new Moments(m, v, t);
      }
    };
  }

  @Override
  public void save(Snapshot snapshot) {
    if (moments != null) {
      snapshot.put("m", moments.m());
      snapshot.put("v", moments.v());
      snapshot.put("t", moments.t());
    }
  }

  @Override
  public void restore(Snapshot snapshot) {
    moments =
        snapshot.has("t")
            ? new Moments(snapshot.numbers("m"), snapshot.numbers("v"), snapshot.integer("t"))
            : null;
  }
}
