package io.github.sparkbilevel.data;

import java.io.Serializable;
import java.math.BigInteger;
import java.util.Arrays;

/**
 * A sum of doubles for each of several columns, the same bits for the same terms in any order and
 * any grouping.
 *
 * <p>A sum is a whole number in limbs of 24 bits at fixed places of the binary point, so adding is
 * exact. Of each column the five limbs below and with the highest one that a term ever touched are
 * kept; what lies below is less than 2⁻⁹⁶ of the greatest term, and it is left out by its place
 * alone, whenever it comes. A limb takes 2³⁹ terms before it overflows.
 */
final class OrderFreeSums implements Serializable {
  private static final long serialVersionUID = 1L;

  private static final int BITS = 24;
  private static final long MASK = (1L << BITS) - 1;
  private static final int LIMBS = 5;
  private static final int EMPTY = Integer.MIN_VALUE;

  /** The exponent of the last bit of a double. */
  private static final int LEAST = -1074;

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
   * Adds the exact square of a finite number to a column. Its last bit counts 2⁻²¹⁴⁸, so a column
   * holds numbers or squares, not both.
   */
  void addSquare(int column, double x) {
    if (x != 0) {
      long m = significand(x);
      addBits(column, false, Math.multiplyHigh(m, m), m * m, 2 * lowestBit(x));
    }
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
    return top[column] == EMPTY
        ? 0
        : Math.scalb(whole(column).doubleValue(), exponent(column) + LEAST);
  }

  /**
   * The sum of (x − mean)² over n numbers, of which {@code sums} has the sum and {@code squares}
   * that of the squares: Σx² − (Σx)²/n, exact until it is rounded once.
   */
  static double squaredDeviations(OrderFreeSums sums, OrderFreeSums squares, int column, long n) {
    BigInteger s = sums.whole(column);
    BigInteger q = squares.whole(column).multiply(BigInteger.valueOf(n));
    int exponent = Math.min(2 * sums.exponent(column), squares.exponent(column));
    BigInteger difference =
        q.shiftLeft(squares.exponent(column) - exponent)
            .subtract(s.multiply(s).shiftLeft(2 * sums.exponent(column) - exponent));
    return Math.max(0, Math.scalb(difference.doubleValue(), exponent + 2 * LEAST)) / n;
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
