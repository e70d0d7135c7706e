package io.github.sparkbilevel.backend;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Loops by vectors, loaded only where that is sensible: two vectors of numbers, or of taps, by up
 * to six outputs stay in registers. What does not fill two vectors is done one number at a time.
 *
 * <p>The methods differ in the number of outputs alone: the compiler keeps vectors in registers
 * only where each has a name.
 */
final class VectorShiftKernels implements ShiftKernels {
  private static final VectorSpecies<Float> FLOATS =
      FloatVector.SPECIES_PREFERRED.length() > PARTS
          ? FloatVector.SPECIES_512
          : FloatVector.SPECIES_PREFERRED;
  private static final int WIDTH = FLOATS.length();

  @Override
  public void addProduct(Line a, float[] w, Places z) {
    int end = a.length() / (2 * WIDTH) * 2 * WIDTH;
    int o = 0;
    while (o < z.outputs()) {
      int left = z.outputs() - o;
      if (left >= 6) {
        addProduct6(a, w, z, o, end);
        o += 6;
      } else if (left >= 2) {
        addProduct2(a, w, z, o, end);
        o += 2;
      } else {
        addProduct1(a, w, z, o, end);
        o++;
      }
    }
    ScalarShiftKernels.tail(a, w, z, end);
  }

  @Override
  public void addTransposed(Line a, Places d, float[] s) {
    int end = a.length() / PARTS * PARTS;
    int o = 0;
    while (o < d.outputs()) {
      int left = d.outputs() - o;
      if (left >= 6) {
        addTransposed6(a, d, s, o, end);
        o += 6;
      } else if (left >= 2) {
        addTransposed2(a, d, s, o, end);
        o += 2;
      } else {
        addTransposed1(a, d, s, o, end);
        o++;
      }
    }
    ScalarShiftKernels.tail(a, d, s, end);
  }

  @Override
  public void greatest(Line a, float[] out, int at, float[] taps) {
    int end = a.length() / WIDTH * WIDTH;
    for (int i = 0; i < end; i += WIDTH) {
      FloatVector best = FloatVector.fromArray(FLOATS, a.image(), a.from()[0] + a.shift() + i);
      FloatVector tap = FloatVector.zero(FLOATS);
      for (int k = 1; k < a.from().length; k++) {
        FloatVector value = FloatVector.fromArray(FLOATS, a.image(), a.from()[k] + a.shift() + i);
        VectorMask<Float> above = value.compare(VectorOperators.GT, best);
        best = best.blend(value, above);
        tap = tap.blend(k, above);
      }
      // Receivers of a known kind: the compiler makes instructions of these calls alone.
      FloatVector.zero(FLOATS).add(best).intoArray(out, at + i);
      FloatVector.zero(FLOATS).add(tap).intoArray(taps, i);
    }
    ScalarShiftKernels.tail(a, out, at, taps, end);
  }

  private static void add(FloatVector part, float[] sums, int at) {
    FloatVector.fromArray(FLOATS, sums, at).add(part).intoArray(sums, at);
  }

  /** Outputs o to o + 5. */
  private static void addProduct6(Line a, float[] w, Places z, int o, int end) {
    float[] image = a.image();
    int[] taps = a.from();
    int outputs = z.outputs();
    for (int i = 0; i < end; i += 2 * WIDTH) {
      FloatVector z00 = FloatVector.zero(FLOATS);
      FloatVector z10 = FloatVector.zero(FLOATS);
      FloatVector z01 = FloatVector.zero(FLOATS);
      FloatVector z11 = FloatVector.zero(FLOATS);
      FloatVector z02 = FloatVector.zero(FLOATS);
      FloatVector z12 = FloatVector.zero(FLOATS);
      FloatVector z03 = FloatVector.zero(FLOATS);
      FloatVector z13 = FloatVector.zero(FLOATS);
      FloatVector z04 = FloatVector.zero(FLOATS);
      FloatVector z14 = FloatVector.zero(FLOATS);
      FloatVector z05 = FloatVector.zero(FLOATS);
      FloatVector z15 = FloatVector.zero(FLOATS);
      int weight = o;
      for (int tap : taps) {
        int from = tap + a.shift() + i;
        FloatVector a0 = FloatVector.fromArray(FLOATS, image, from);
        FloatVector a1 = FloatVector.fromArray(FLOATS, image, from + WIDTH);
        FloatVector w0 = FloatVector.broadcast(FLOATS, w[weight]);
        z00 = a0.fma(w0, z00);
        z10 = a1.fma(w0, z10);
        FloatVector w1 = FloatVector.broadcast(FLOATS, w[weight + 1]);
        z01 = a0.fma(w1, z01);
        z11 = a1.fma(w1, z11);
        FloatVector w2 = FloatVector.broadcast(FLOATS, w[weight + 2]);
        z02 = a0.fma(w2, z02);
        z12 = a1.fma(w2, z12);
        FloatVector w3 = FloatVector.broadcast(FLOATS, w[weight + 3]);
        z03 = a0.fma(w3, z03);
        z13 = a1.fma(w3, z13);
        FloatVector w4 = FloatVector.broadcast(FLOATS, w[weight + 4]);
        z04 = a0.fma(w4, z04);
        z14 = a1.fma(w4, z14);
        FloatVector w5 = FloatVector.broadcast(FLOATS, w[weight + 5]);
        z05 = a0.fma(w5, z05);
        z15 = a1.fma(w5, z15);
        weight += outputs;
      }
      int to = z.at() + o * z.stride() + i;
      add(z00, z.values(), to);
      add(z10, z.values(), to + WIDTH);
      to += z.stride();
      add(z01, z.values(), to);
      add(z11, z.values(), to + WIDTH);
      to += z.stride();
      add(z02, z.values(), to);
      add(z12, z.values(), to + WIDTH);
      to += z.stride();
      add(z03, z.values(), to);
      add(z13, z.values(), to + WIDTH);
      to += z.stride();
      add(z04, z.values(), to);
      add(z14, z.values(), to + WIDTH);
      to += z.stride();
      add(z05, z.values(), to);
      add(z15, z.values(), to + WIDTH);
    }
  }

  /** Outputs o to o + 1. */
  private static void addProduct2(Line a, float[] w, Places z, int o, int end) {
    float[] image = a.image();
    int[] taps = a.from();
    int outputs = z.outputs();
    for (int i = 0; i < end; i += 2 * WIDTH) {
      FloatVector z00 = FloatVector.zero(FLOATS);
      FloatVector z10 = FloatVector.zero(FLOATS);
      FloatVector z01 = FloatVector.zero(FLOATS);
      FloatVector z11 = FloatVector.zero(FLOATS);
      int weight = o;
      for (int tap : taps) {
        int from = tap + a.shift() + i;
        FloatVector a0 = FloatVector.fromArray(FLOATS, image, from);
        FloatVector a1 = FloatVector.fromArray(FLOATS, image, from + WIDTH);
        FloatVector w0 = FloatVector.broadcast(FLOATS, w[weight]);
        z00 = a0.fma(w0, z00);
        z10 = a1.fma(w0, z10);
        FloatVector w1 = FloatVector.broadcast(FLOATS, w[weight + 1]);
        z01 = a0.fma(w1, z01);
        z11 = a1.fma(w1, z11);
        weight += outputs;
      }
      int to = z.at() + o * z.stride() + i;
      add(z00, z.values(), to);
      add(z10, z.values(), to + WIDTH);
      to += z.stride();
      add(z01, z.values(), to);
      add(z11, z.values(), to + WIDTH);
    }
  }

  private static void addProduct1(Line a, float[] w, Places z, int o, int end) {
    float[] image = a.image();
    int[] taps = a.from();
    int outputs = z.outputs();
    for (int i = 0; i < end; i += 2 * WIDTH) {
      FloatVector z00 = FloatVector.zero(FLOATS);
      FloatVector z10 = FloatVector.zero(FLOATS);
      int weight = o;
      for (int tap : taps) {
        int from = tap + a.shift() + i;
        FloatVector a0 = FloatVector.fromArray(FLOATS, image, from);
        FloatVector a1 = FloatVector.fromArray(FLOATS, image, from + WIDTH);
        FloatVector w0 = FloatVector.broadcast(FLOATS, w[weight]);
        z00 = a0.fma(w0, z00);
        z10 = a1.fma(w0, z10);
        weight += outputs;
      }
      int to = z.at() + o * z.stride() + i;
      add(z00, z.values(), to);
      add(z10, z.values(), to + WIDTH);
    }
  }

  private static void addTransposed6(Line a, Places d, float[] s, int o, int end) {
    float[] image = a.image();
    float[] other = d.values();
    int taps = a.from().length;
    for (int part = 0; part < PARTS; part += WIDTH) {
      for (int k = 0; k < taps; k += 2) {
        // The last of an odd number of taps is taken twice and kept once.
        int next = Math.min(k + 1, taps - 1);
        FloatVector s00 = FloatVector.zero(FLOATS);
        FloatVector s01 = FloatVector.zero(FLOATS);
        FloatVector s02 = FloatVector.zero(FLOATS);
        FloatVector s03 = FloatVector.zero(FLOATS);
        FloatVector s04 = FloatVector.zero(FLOATS);
        FloatVector s05 = FloatVector.zero(FLOATS);
        FloatVector s10 = FloatVector.zero(FLOATS);
        FloatVector s11 = FloatVector.zero(FLOATS);
        FloatVector s12 = FloatVector.zero(FLOATS);
        FloatVector s13 = FloatVector.zero(FLOATS);
        FloatVector s14 = FloatVector.zero(FLOATS);
        FloatVector s15 = FloatVector.zero(FLOATS);
        int first = a.from()[k] + a.shift() + part;
        int second = a.from()[next] + a.shift() + part;
        int column = d.at() + o * d.stride() + part;
        for (int i = 0; i < end; i += PARTS) {
          FloatVector a0 = FloatVector.fromArray(FLOATS, image, first + i);
          FloatVector a1 = FloatVector.fromArray(FLOATS, image, second + i);
          int from = column + i;
          FloatVector d0 = FloatVector.fromArray(FLOATS, other, from);
          s00 = a0.fma(d0, s00);
          s10 = a1.fma(d0, s10);
          from += d.stride();
          FloatVector d1 = FloatVector.fromArray(FLOATS, other, from);
          s01 = a0.fma(d1, s01);
          s11 = a1.fma(d1, s11);
          from += d.stride();
          FloatVector d2 = FloatVector.fromArray(FLOATS, other, from);
          s02 = a0.fma(d2, s02);
          s12 = a1.fma(d2, s12);
          from += d.stride();
          FloatVector d3 = FloatVector.fromArray(FLOATS, other, from);
          s03 = a0.fma(d3, s03);
          s13 = a1.fma(d3, s13);
          from += d.stride();
          FloatVector d4 = FloatVector.fromArray(FLOATS, other, from);
          s04 = a0.fma(d4, s04);
          s14 = a1.fma(d4, s14);
          from += d.stride();
          FloatVector d5 = FloatVector.fromArray(FLOATS, other, from);
          s05 = a0.fma(d5, s05);
          s15 = a1.fma(d5, s15);
        }
        int to = (k * d.outputs() + o) * PARTS + part;
        add(s00, s, to);
        add(s01, s, to + 1 * PARTS);
        add(s02, s, to + 2 * PARTS);
        add(s03, s, to + 3 * PARTS);
        add(s04, s, to + 4 * PARTS);
        add(s05, s, to + 5 * PARTS);
        if (next > k) {
          to += d.outputs() * PARTS;
          add(s10, s, to);
          add(s11, s, to + 1 * PARTS);
          add(s12, s, to + 2 * PARTS);
          add(s13, s, to + 3 * PARTS);
          add(s14, s, to + 4 * PARTS);
          add(s15, s, to + 5 * PARTS);
        }
      }
    }
  }

  private static void addTransposed2(Line a, Places d, float[] s, int o, int end) {
    float[] image = a.image();
    float[] other = d.values();
    int taps = a.from().length;
    for (int part = 0; part < PARTS; part += WIDTH) {
      for (int k = 0; k < taps; k += 2) {
        // The last of an odd number of taps is taken twice and kept once.
        int next = Math.min(k + 1, taps - 1);
        FloatVector s00 = FloatVector.zero(FLOATS);
        FloatVector s01 = FloatVector.zero(FLOATS);
        FloatVector s10 = FloatVector.zero(FLOATS);
        FloatVector s11 = FloatVector.zero(FLOATS);
        int first = a.from()[k] + a.shift() + part;
        int second = a.from()[next] + a.shift() + part;
        int column = d.at() + o * d.stride() + part;
        for (int i = 0; i < end; i += PARTS) {
          FloatVector a0 = FloatVector.fromArray(FLOATS, image, first + i);
          FloatVector a1 = FloatVector.fromArray(FLOATS, image, second + i);
          int from = column + i;
          FloatVector d0 = FloatVector.fromArray(FLOATS, other, from);
          s00 = a0.fma(d0, s00);
          s10 = a1.fma(d0, s10);
          from += d.stride();
          FloatVector d1 = FloatVector.fromArray(FLOATS, other, from);
          s01 = a0.fma(d1, s01);
          s11 = a1.fma(d1, s11);
        }
        int to = (k * d.outputs() + o) * PARTS + part;
        add(s00, s, to);
        add(s01, s, to + 1 * PARTS);
        if (next > k) {
          to += d.outputs() * PARTS;
          add(s10, s, to);
          add(s11, s, to + 1 * PARTS);
        }
      }
    }
  }

  private static void addTransposed1(Line a, Places d, float[] s, int o, int end) {
    float[] image = a.image();
    float[] other = d.values();
    int taps = a.from().length;
    for (int part = 0; part < PARTS; part += WIDTH) {
      for (int k = 0; k < taps; k += 2) {
        // The last of an odd number of taps is taken twice and kept once.
        int next = Math.min(k + 1, taps - 1);
        FloatVector s00 = FloatVector.zero(FLOATS);
        FloatVector s10 = FloatVector.zero(FLOATS);
        int first = a.from()[k] + a.shift() + part;
        int second = a.from()[next] + a.shift() + part;
        int column = d.at() + o * d.stride() + part;
        for (int i = 0; i < end; i += PARTS) {
          FloatVector a0 = FloatVector.fromArray(FLOATS, image, first + i);
          FloatVector a1 = FloatVector.fromArray(FLOATS, image, second + i);
          int from = column + i;
          FloatVector d0 = FloatVector.fromArray(FLOATS, other, from);
          s00 = a0.fma(d0, s00);
          s10 = a1.fma(d0, s10);
        }
        int to = (k * d.outputs() + o) * PARTS + part;
        add(s00, s, to);
        if (next > k) {
          to += d.outputs() * PARTS;
          add(s10, s, to);
        }
      }
    }
  }
}
