package io.github.sparkbilevel.data;

import java.io.Serializable;
import java.math.BigInteger;
import java.util.Arrays;

/**
 * A sum of doubles, or of products of doubles, for each of several columns: the same bits for the
 * same terms in any order and any grouping.
 *
 * <p>A sum is a whole number in limbs of 24 bits at fixed places of the binary point, so adding is
 * exact. Of each column the seven limbs below and with the highest one that a term ever touched are
 * kept; what lies below is less than 2⁻¹⁴⁴ of the greatest term, and it is left out by its place
 * alone, whenever it comes. A limb takes 2³⁹ terms before it overflows.
 */
final class OrderFreeSums implements Serializable {
  private static final long serialVersionUID = 1L;

  private static final int BITS = 24;
  private static final long MASK = (1L << BITS) - 1;
  private static final int LIMBS = 7;
  private static final int EMPTY = Integer.MIN_VALUE;

  /** The exponent of the last bit of a double. */
  private static final int LEAST = -1074;

  /** Where the last bit of 1 is, counted from the last bit that a double can have. */
  private static final int ONE = -LEAST;

  /** The place of the highest limb that is kept of each column. */
  private final int[] top;

  /** From the highest down, column after column. */
  private final long[] limbs;

  OrderFreeSums(int columns) {
    this(new int[columns], new long[Math.multiplyExact(LIMBS, columns)]);
    Arrays.fill(top, EMPTY);
  }

  private OrderFreeSums(int[] top, long[] limbs) {
    this.top = top;
    this.limbs = limbs;
  }

  /** Adds a finite number to a column. */
  void add(int column, double x) {
    if (x != 0) {
      addBits(column, x < 0, 0, significand(x), lowestBit(x));
    }
  }

  /**
   * Adds the exact product of two finite numbers to a column. Its last bit counts 2⁻²¹⁴⁸, so a
   * column holds numbers or products, not both.
   */
  void addProduct(int column, double x, double y) {
    if (x == 0 || y == 0) {
      return;
    }
    boolean negative = x < 0 != y < 0;
    if (x == 1) {
      addBits(column, negative, 0, significand(y), ONE + lowestBit(y));
      return;
    }
    long m = significand(x);
    long n = significand(y);
    addBits(column, negative, Math.multiplyHigh(m, n), m * n, lowestBit(x) + lowestBit(y));
  }

  /** Adds w x² to a column of products: exactly, unless w x is too small for a double. */
  void addWeightedSquare(int column, double w, double x) {
    // w x = p + e, without a rounding error.
    double p = w * x;
    double e = Math.fma(w, x, -p);
    addProduct(column, p, x);
    addProduct(column, e, x);
  }

  private static long significand(double x) {
    long bits = Double.doubleToRawLongBits(x) & ~Long.MIN_VALUE;
    long fraction = bits & ((1L << 52) - 1);
    return bits >>> 52 == 0 ? fraction : fraction | 1L << 52;
  }

  /** Where the last bit of the significand is, counted from the last bit that a double can have. */
  private static int lowestBit(double x) {
    return Math.max(0, (int) (Double.doubleToRawLongBits(x) >>> 52 & 0x7ff) - 1);
  }

  private void addBits(int column, boolean negative, long high, long low, int lowestBit) {
    int length =
        high != 0
            ? 128 - Long.numberOfLeadingZeros(high)
            : Long.SIZE - Long.numberOfLeadingZeros(low);
    int highest = (lowestBit + length - 1) / BITS;
    if (highest > top[column]) {
      raise(column, highest);
    }
    int place = lowestBit / BITS;
    int shift = lowestBit % BITS;
    int at = column * LIMBS + top[column];
    int last = top[column] - LIMBS;
    long limb = low << shift & MASK;
    long rest = low >>> BITS - shift | high << Long.SIZE - BITS + shift;
    long restHigh = high >>> BITS - shift;
    while (true) {
      if (place > last) {
        limbs[at - place] += negative ? -limb : limb;
      }
      if (place == highest) {
        return;
      }
      place++;
      limb = rest & MASK;
      rest = rest >>> BITS | restHigh << Long.SIZE - BITS;
      restHigh >>>= BITS;
    }
  }

  /** Makes room for a higher limb; the lowest ones are left out. */
  private void raise(int column, int highest) {
    int from = column * LIMBS;
    long shift = Math.min(LIMBS, (long) highest - top[column]);
    for (int k = LIMBS - 1; k >= 0; k--) {
      limbs[from + k] = k < shift ? 0 : limbs[from + k - (int) shift];
    }
    top[column] = highest;
  }

  /** Adds the sums of other terms. */
  void merge(OrderFreeSums other) {
    for (int column = 0; column < top.length; column++) {
      if (other.top[column] == EMPTY) {
        continue;
      }
      if (other.top[column] > top[column]) {
        raise(column, other.top[column]);
      }
      int below = top[column] - other.top[column];
      for (int k = below; k < LIMBS; k++) {
        limbs[column * LIMBS + k] += other.limbs[column * LIMBS + k - below];
      }
    }
  }

  /** Some of the columns. */
  OrderFreeSums slice(int from, int to) {
    return new OrderFreeSums(
        Arrays.copyOfRange(top, from, to), Arrays.copyOfRange(limbs, LIMBS * from, LIMBS * to));
  }

  /** Copies the columns of {@code part} to {@code from} and the ones after it. */
  void put(int from, OrderFreeSums part) {
    System.arraycopy(part.top, 0, top, from, part.top.length);
    System.arraycopy(part.limbs, 0, limbs, LIMBS * from, part.limbs.length);
  }

  /** A sum of numbers, rounded once. */
  double sum(int column) {
    return rounded(column, LEAST);
  }

  /** A sum of products, rounded once. */
  double sumOfProducts(int column) {
    return rounded(column, 2 * LEAST);
  }

  private double rounded(int column, int lastBit) {
    return top[column] == EMPTY
        ? 0
        : Math.scalb(whole(column).doubleValue(), exponent(column) + lastBit);
  }

  /**
   * The variance Σ w (x − mean)² / Σ w of numbers with weights, as Σ w x² / Σ w − (Σ w x / Σ w)²:
   * exact until it is rounded at the end.
   *
   * @param weights Σ w, a sum of products, in column 0
   * @param sums Σ w x of the column
   * @param squares Σ w x² of the column
   */
  static double variance(
      OrderFreeSums weights, OrderFreeSums sums, OrderFreeSums squares, int column) {
    BigInteger s = sums.whole(column);
    BigInteger q = squares.whole(column).multiply(weights.whole(0));
    int ofSums = 2 * sums.exponent(column);
    int ofSquares = squares.exponent(column) + weights.exponent(0);
    int exponent = Math.min(ofSums, ofSquares);
    BigInteger difference =
        q.shiftLeft(ofSquares - exponent).subtract(s.multiply(s).shiftLeft(ofSums - exponent));
    // The weights are taken out before the number is scaled: their square may be beyond a double.
    double w = weights.whole(0).doubleValue();
    int scale = exponent + 2 * 2 * LEAST - 2 * (weights.exponent(0) + 2 * LEAST);
    return Math.max(0, Math.scalb(difference.doubleValue() / w / w, scale));
  }

  private int exponent(int column) {
    return top[column] == EMPTY ? 0 : BITS * (top[column] - LIMBS + 1);
  }

  private BigInteger whole(int column) {
    BigInteger whole = BigInteger.ZERO;
    for (int k = 0; k < LIMBS; k++) {
      whole = whole.shiftLeft(BITS).add(BigInteger.valueOf(limbs[column * LIMBS + k]));
    }
    return whole;
  }
}
