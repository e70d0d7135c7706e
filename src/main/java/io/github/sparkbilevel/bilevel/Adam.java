package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.problem.snapshot.Snapshot;
import java.util.Arrays;

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
 *
 * <p>With {@link #growing}, entry j moves by γ_j times that. γ_j is 1 at first; it grows by half
 * when g_j agrees in sign with m_j, and is halved when it does not (the delta-bar-delta rule of
 * Jacobs, Neural Networks 1988). All are halved when what Φ is at most has risen since the last
 * step, or when u was further off than no adjoint at all: the lower level does not follow. Whatever
 * halves γ_j makes m_j forget what came before (the adaptive restart of O'Donoghue and Candès,
 * Foundations of Computational Mathematics 2015). So a λ that is far off gets there in few steps,
 * and one that has overshot stops.
 */
public final class Adam implements LambdaRule {
  /** Length of the first steps of a λ on the driver, unless told otherwise. */
  public static final double DRIVER_STEP = 0.2;

  private static final double BETA_1 = 0.9;
  private static final double BETA_2 = 0.95;
  private static final double EPSILON = 1e-12;

  private static final double GROWTH = 1.5;
  private static final double SHRINKAGE = 0.5;

  /** With shorter steps λ creeps: F may rise because θ still follows, whatever λ does. */
  private static final double LEAST_GAIN = 0.25;

  /** Longer steps lose the lower level, which follows by one Newton step. */
  private static final double MOST_GAIN = 5;

  private final double step;
  private final double[] low;
  private final double[] high;
  private final boolean grows;
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
    this(step, low, high, false);
  }

  private Adam(double step, double[] low, double[] high, boolean grows) {
    this.grows = grows;
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

  /**
   * The rule whose steps grow up to fivefold while signs and Φ agree with them, for a Φ without
   * noise. The arguments are those of the constructor.
   */
  public static Adam growing(double step, double[] low, double[] high) {
    return new Adam(step, low, high, true);
  }

  /** What is remembered: m, v, γ, Φ at the last step, and the number of steps. */
  private record Moments(double[] m, double[] v, double[] gains, double upper, int t) {
    static Moments none(int n) {
      double[] ones = new double[n];
      Arrays.fill(ones, 1);
      return new Moments(new double[n], new double[n], ones, Double.POSITIVE_INFINITY, 0);
    }
  }

  @Override
  public Proposal propose(double[] lambda, double[] hypergradient, double upper, double lag) {
    int n = lambda.length;
    Moments before = moments == null ? Moments.none(n) : moments;
    boolean isTooFast = upper > before.upper() || lag > 1;
    double[] m = new double[n];
    double[] v = new double[n];
    double[] gains = before.gains().clone();
    double[] next = new double[n];
    int t = before.t() + 1;
    double unbiasM = 1 - Math.pow(BETA_1, t);
    double unbiasV = 1 - Math.pow(BETA_2, t);
    for (int j = 0; j < n; j++) {
      double g = hypergradient[j];
      double agreement = g * before.m()[j];
      boolean restarts = grows && (isTooFast || agreement < 0);
      if (restarts) {
        gains[j] = Math.max(LEAST_GAIN, SHRINKAGE * gains[j]);
      } else if (grows && agreement > 0) {
        gains[j] = Math.min(MOST_GAIN, GROWTH * gains[j]);
      }
      m[j] = restarts ? unbiasM * g : BETA_1 * before.m()[j] + (1 - BETA_1) * g;
      v[j] = BETA_2 * before.v()[j] + (1 - BETA_2) * g * g;
      double direction = m[j] / unbiasM / (Math.sqrt(v[j] / unbiasV) + EPSILON);
      double moved = lambda[j] - step * gains[j] * direction;
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
        moments = new Moments(m, v, gains, upper, t);
      }
    };
  }

  @Override
  public void save(Snapshot snapshot) {
    if (moments != null) {
      snapshot.put("m", moments.m());
      snapshot.put("v", moments.v());
      snapshot.put("gains", moments.gains());
      snapshot.put("upper", moments.upper());
      snapshot.put("t", moments.t());
    }
  }

  @Override
  public void restore(Snapshot snapshot) {
    moments =
        snapshot.has("t")
            ? new Moments(
                snapshot.numbers("m"),
                snapshot.numbers("v"),
                snapshot.numbers("gains"),
                snapshot.number("upper"),
                snapshot.integer("t"))
            : null;
  }
}
