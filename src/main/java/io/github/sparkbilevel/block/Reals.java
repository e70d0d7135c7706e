package io.github.sparkbilevel.block;

import java.io.Serializable;

/**
 * Numbers that passes keep beside the rows of a block, as float32 or as float64: where features are
 * float32, what follows from them is no more precise than that.
 */
public final class Reals implements Serializable {
  private static final long serialVersionUID = 1L;

  private final float[] singles;
  private final double[] doubles;

  private Reals(float[] singles, double[] doubles) {
    this.singles = singles;
    this.doubles = doubles;
  }

  /** Numbers as precise as the features that they follow from; float64 ones are not copied. */
  public static Reals beside(Features features, double[] values) {
    return features.isSingle() ? singles(values) : doubles(values);
  }

  /** Numbers rounded to float32. */
  public static Reals singles(double[] values) {
    float[] rounded = new float[values.length];
    for (int i = 0; i < rounded.length; i++) {
      rounded[i] = (float) values[i];
    }
    return new Reals(rounded, null);
  }

  /** Numbers as they are; not copied. */
  public static Reals doubles(double[] values) {
    return new Reals(null, values);
  }

  /** Whether they are float32. */
  public boolean isSingle() {
    return singles != null;
  }

  /** How many there are. */
  public int size() {
    return isSingle() ? singles.length : doubles.length;
  }

  /** One of them. */
  public double get(int i) {
    return isSingle() ? singles[i] : doubles[i];
  }

  /** All of them; not to be changed. */
  public double[] values() {
    if (!isSingle()) {
      return doubles;
    }
    double[] values = new double[singles.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = singles[i];
    }
    return values;
  }
}
