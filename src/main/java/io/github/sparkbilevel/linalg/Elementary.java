package io.github.sparkbilevel.linalg;

/**
 * Exponential and logarithm of whole arrays.
 *
 * <p>Polynomials of our own, so that the bits depend neither on the machine nor on the width of its
 * vectors; within 2 ulp of the true value.
 *
 * <ul>
 *   <li>e^x = 2^n e^r with n the integer next to x / ln 2 and |r| ≤ ½ ln 2; e^r by its Taylor
 *       polynomial of degree 13, whose remainder is below 4e-18.
 *   <li>ln x = e ln 2 + ln m with √½ ≤ m &lt; √2; ln m as in fdlibm's {@code e_log.c}: with f = m −
 *       1 and s = f / (2 + f), ln m = f − (½f² − s (½f² + R(s²))).
 * </ul>
 */
public final class Elementary {
  /** Below it e^x counts as 0: it is less than 4e-308. */
  static final double LEAST = -708;

  /** Above it e^x is infinite. */
  static final double MOST = 710;

  static final double LOG2_E = 1.4426950408889634;
  static final double LN2_HIGH = 0.6931471803691238;
  static final double LN2_LOW = 1.9082149292705877e-10;

  /** 1.5 · 2^52: a number added to it has its integer part in the low bits. */
  static final double TO_INTEGER = 0x1.8p52;

  static final int MANTISSA = 52;
  static final long ONE = 1023L << MANTISSA;
  static final long MANTISSA_BITS = (1L << MANTISSA) - 1;
  static final double SQRT_2 = 1.4142135623730951;

  /** 1/k! from k = 13 down to 0. */
  static final double[] EXP = inverseFactorials(13);

  /** The coefficients of R from s^14 down to s^2. */
  static final double[] LOG = {
    0.14798198605116586,
    0.15313837699209373,
    0.1818357216161805,
    0.22222198432149784,
    0.2857142874366239,
    0.3999999999940942,
    0.6666666666666735
  };

  private Elementary() {}

  private static double[] inverseFactorials(int degree) {
    double[] inverse = new double[degree + 1];
    double factorial = 1;
    for (int k = 0; k <= degree; k++) {
      factorial *= Math.max(1, k);
      inverse[degree - k] = 1 / factorial;
    }
    return inverse;
  }

  /**
   * Replaces numbers by e^x; those below −708 by 0, those from 710 on by infinity, and those that
   * are no numbers stay so.
   */
  public static void exp(double[] a, int at, int length) {
    int done = Simd.isAvailable() ? VectorElementary.exp(a, at, length) : 0;
    for (int i = at + done; i < at + length; i++) {
      a[i] = exp(a[i]);
    }
  }

  /** Replaces positive finite numbers from 2^−1022 on by their logarithms. */
  public static void log(double[] a, int at, int length) {
    int done = Simd.isAvailable() ? VectorElementary.log(a, at, length) : 0;
    for (int i = at + done; i < at + length; i++) {
      a[i] = log(a[i]);
    }
  }

  /** e^x as {@link #exp(double[], int, int)} has it, to the bit. */
  public static double exp(double x) {
    if (x < LEAST) {
      return 0;
    }
    double within = Math.min(MOST, x);
    double shifted = Math.fma(within, LOG2_E, TO_INTEGER);
    double n = shifted - TO_INTEGER;
    double r = Math.fma(-n, LN2_LOW, Math.fma(-n, LN2_HIGH, within));
    double sum = EXP[0];
    for (int k = 1; k < EXP.length; k++) {
      sum = Math.fma(sum, r, EXP[k]);
    }
    long power = (Double.doubleToRawLongBits(shifted) << MANTISSA) + ONE;
    return sum * Double.longBitsToDouble(power);
  }

  /** ln x as {@link #log(double[], int, int)} has it, to the bit. */
  public static double log(double x) {
    long bits = Double.doubleToRawLongBits(x);
    double m = Double.longBitsToDouble((bits & MANTISSA_BITS) | ONE);
    double e = (bits >>> MANTISSA) - 1023;
    if (m >= SQRT_2) {
      m *= 0.5;
      e += 1;
    }
    double f = m - 1;
    double s = f / (2 + f);
    double square = s * s;
    double sum = LOG[0];
    for (int k = 1; k < LOG.length; k++) {
      sum = Math.fma(sum, square, LOG[k]);
    }
    double half = 0.5 * f * f;
    double inner = Math.fma(s, Math.fma(sum, square, half), e * LN2_LOW);
    return Math.fma(e, LN2_HIGH, f - (half - inner));
  }
}
