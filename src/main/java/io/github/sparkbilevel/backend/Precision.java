package io.github.sparkbilevel.backend;

import io.github.sparkbilevel.linalg.Simd;

/** Arrays from one precision to the other. */
public final class Precision {
  private Precision() {}

  /** Copies floats to doubles. */
  public static void widen(float[] from, int at, double[] to, int toAt, int length) {
    int done = Simd.isAvailable() ? VectorPrecision.widen(from, at, to, toAt, length) : 0;
    for (int i = done; i < length; i++) {
      to[toAt + i] = from[at + i];
    }
  }

  /** Rounds doubles to floats. */
  public static void narrow(double[] from, int at, float[] to, int toAt, int length) {
    int done = Simd.isAvailable() ? VectorPrecision.narrow(from, at, to, toAt, length) : 0;
    for (int i = done; i < length; i++) {
      to[toAt + i] = (float) from[at + i];
    }
  }
}
