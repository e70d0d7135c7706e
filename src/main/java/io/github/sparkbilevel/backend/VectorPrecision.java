package io.github.sparkbilevel.backend;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** The loops of {@link Precision} by vectors. */
final class VectorPrecision {
  private static final VectorSpecies<Double> DOUBLES = DoubleVector.SPECIES_PREFERRED;
  private static final VectorSpecies<Float> FLOATS =
      VectorSpecies.of(float.class, VectorShape.forBitSize(DOUBLES.vectorBitSize() / 2));

  private VectorPrecision() {}

  static int widen(float[] from, int at, double[] to, int toAt, int length) {
    int whole = DOUBLES.loopBound(length);
    for (int i = 0; i < whole; i += DOUBLES.length()) {
      FloatVector floats = FloatVector.fromArray(FLOATS, from, at + i);
      ((DoubleVector) floats.convertShape(VectorOperators.F2D, DOUBLES, 0)).intoArray(to, toAt + i);
    }
    return whole;
  }

  static int narrow(double[] from, int at, float[] to, int toAt, int length) {
    int whole = DOUBLES.loopBound(length);
    for (int i = 0; i < whole; i += DOUBLES.length()) {
      DoubleVector doubles = DoubleVector.fromArray(DOUBLES, from, at + i);
      ((FloatVector) doubles.convertShape(VectorOperators.D2F, FLOATS, 0)).intoArray(to, toAt + i);
    }
    return whole;
  }
}
