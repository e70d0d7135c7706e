package io.github.sparkbilevel.linalg;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The loops of {@link Elementary}, several numbers at a time; loaded only where that is sensible.
 */
final class VectorElementary {
  private static final VectorSpecies<Double> DOUBLES = DoubleVector.SPECIES_PREFERRED;

  /** 2^52, and its bits: an integer in the low bits makes their sum. */
  private static final double FROM_INTEGER = 0x1p52;

  private static final long FROM_INTEGER_BITS = Double.doubleToRawLongBits(FROM_INTEGER);

  private VectorElementary() {}

  /** Replaces as many numbers as whole vectors hold; how many these are. */
  static int exp(double[] a, int at, int length) {
    int whole = DOUBLES.loopBound(length);
    for (int i = at; i < at + whole; i += DOUBLES.length()) {
      DoubleVector x = DoubleVector.fromArray(DOUBLES, a, i);
      DoubleVector within = x.max(Elementary.LEAST).min(Elementary.MOST);
      var vanishes = x.compare(VectorOperators.LT, Elementary.LEAST);
      DoubleVector shifted =
          within.fma(
              DoubleVector.broadcast(DOUBLES, Elementary.LOG2_E),
              DoubleVector.broadcast(DOUBLES, Elementary.TO_INTEGER));
      DoubleVector minusN = DoubleVector.broadcast(DOUBLES, Elementary.TO_INTEGER).sub(shifted);
      DoubleVector r =
          minusN.fma(
              DoubleVector.broadcast(DOUBLES, Elementary.LN2_LOW),
              minusN.fma(DoubleVector.broadcast(DOUBLES, Elementary.LN2_HIGH), within));
      DoubleVector sum = DoubleVector.broadcast(DOUBLES, Elementary.EXP[0]);
      for (int k = 1; k < Elementary.EXP.length; k++) {
        sum = sum.fma(r, DoubleVector.broadcast(DOUBLES, Elementary.EXP[k]));
      }
      LongVector power =
          shifted
              .reinterpretAsLongs()
              .lanewise(VectorOperators.LSHL, Elementary.MANTISSA)
              .add(Elementary.ONE);
      sum.mul(power.reinterpretAsDoubles()).blend(0, vanishes).intoArray(a, i);
    }
    return whole;
  }

  /** Replaces as many numbers as whole vectors hold; how many these are. */
  static int log(double[] a, int at, int length) {
    int whole = DOUBLES.loopBound(length);
    for (int i = at; i < at + whole; i += DOUBLES.length()) {
      LongVector bits = DoubleVector.fromArray(DOUBLES, a, i).reinterpretAsLongs();
      DoubleVector m = bits.and(Elementary.MANTISSA_BITS).or(Elementary.ONE).reinterpretAsDoubles();
      DoubleVector e =
          bits.lanewise(VectorOperators.LSHR, Elementary.MANTISSA)
              .or(FROM_INTEGER_BITS)
              .reinterpretAsDoubles()
              .sub(FROM_INTEGER)
              .sub(1023);
      var large = m.compare(VectorOperators.GE, Elementary.SQRT_2);
      m = m.mul(0.5, large);
      e = e.add(1, large);
      DoubleVector f = m.sub(1);
      DoubleVector s = f.div(f.add(2));
      DoubleVector square = s.mul(s);
      DoubleVector sum = DoubleVector.broadcast(DOUBLES, Elementary.LOG[0]);
      for (int k = 1; k < Elementary.LOG.length; k++) {
        sum = sum.fma(square, DoubleVector.broadcast(DOUBLES, Elementary.LOG[k]));
      }
      DoubleVector half = f.mul(0.5).mul(f);
      DoubleVector inner = s.fma(sum.fma(square, half), e.mul(Elementary.LN2_LOW));
      e.fma(DoubleVector.broadcast(DOUBLES, Elementary.LN2_HIGH), f.sub(half.sub(inner)))
          .intoArray(a, i);
    }
    return whole;
  }
}
