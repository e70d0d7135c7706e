package io.github.sparkbilevel.backend;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Loops by vectors, loaded only where that is sensible: the sums of two vectors of rows, or of two
 * features, by up to five columns stay in registers.
 *
 * <p>The methods differ in the number of columns alone: the compiler keeps vectors in registers
 * only where each has a name.
 */
final class VectorPanelKernels implements PanelKernels {
  private static final VectorSpecies<Float> FLOATS =
      FloatVector.SPECIES_PREFERRED.length() > PARTS
          ? FloatVector.SPECIES_512
          : FloatVector.SPECIES_PREFERRED;
  private static final int WIDTH = FLOATS.length();

  @Override
  public void multiply(float[] a, int at, int stride, Operand v, float[] z) {
    for (int first = 0; first < v.p(); first += TERMS) {
      multiply(a, at, stride, v, first, z);
    }
  }

  private static void multiply(float[] a, int at, int stride, Operand v, int first, float[] z) {
    int c = 0;
    while (c < v.k()) {
      int left = v.k() - c;
      if (left >= 5) {
        multiply5(a, at, stride, v, first, c, z);
        c += 5;
      } else if (left >= 2) {
        multiply2(a, at, stride, v, first, c, z);
        c += 2;
      } else {
        multiply1(a, at, stride, v, first, c, z);
        c++;
      }
    }
  }

  @Override
  public void addTransposed(float[] a, int at, int stride, float[] z, Operand s) {
    int c = 0;
    while (c < s.k()) {
      int left = s.k() - c;
      if (left >= 5) {
        addTransposed5(a, at, stride, z, c, s);
        c += 5;
      } else if (left >= 2) {
        addTransposed2(a, at, stride, z, c, s);
        c += 2;
      } else {
        addTransposed1(a, at, stride, z, c, s);
        c++;
      }
    }
  }

  /** Writes the sums of the first terms, or adds those of further ones. */
  private static void put(FloatVector sums, int first, float[] z, int at) {
    FloatVector all = first == 0 ? sums : sums.add(FloatVector.fromArray(FLOATS, z, at));
    all.intoArray(z, at);
  }

  private static void add(FloatVector part, float[] sums, int at) {
    FloatVector.fromArray(FLOATS, sums, at).add(part).intoArray(sums, at);
  }

  /** Columns c … c + 4 of Z, the terms from {@code first} on. */
  private static void multiply5(
      float[] a, int at, int stride, Operand v, int first, int c, float[] z) {
    int k = v.k();
    int end = Math.min(v.p(), first + TERMS);
    float[] values = v.values();
    for (int i = 0; i < stride; i += 2 * WIDTH) {
      FloatVector z00 = FloatVector.zero(FLOATS);
      FloatVector z01 = FloatVector.zero(FLOATS);
      FloatVector z02 = FloatVector.zero(FLOATS);
      FloatVector z03 = FloatVector.zero(FLOATS);
      FloatVector z04 = FloatVector.zero(FLOATS);
      FloatVector z10 = FloatVector.zero(FLOATS);
      FloatVector z11 = FloatVector.zero(FLOATS);
      FloatVector z12 = FloatVector.zero(FLOATS);
      FloatVector z13 = FloatVector.zero(FLOATS);
      FloatVector z14 = FloatVector.zero(FLOATS);
      int from = at + first * stride + i;
      int operand = first * k + c;
      for (int j = first; j < end; j++) {
        FloatVector a0 = FloatVector.fromArray(FLOATS, a, from);
        FloatVector a1 = FloatVector.fromArray(FLOATS, a, from + WIDTH);
        FloatVector v0 = FloatVector.broadcast(FLOATS, values[operand]);
        z00 = a0.fma(v0, z00);
        z10 = a1.fma(v0, z10);
        FloatVector v1 = FloatVector.broadcast(FLOATS, values[operand + 1]);
        z01 = a0.fma(v1, z01);
        z11 = a1.fma(v1, z11);
        FloatVector v2 = FloatVector.broadcast(FLOATS, values[operand + 2]);
        z02 = a0.fma(v2, z02);
        z12 = a1.fma(v2, z12);
        FloatVector v3 = FloatVector.broadcast(FLOATS, values[operand + 3]);
        z03 = a0.fma(v3, z03);
        z13 = a1.fma(v3, z13);
        FloatVector v4 = FloatVector.broadcast(FLOATS, values[operand + 4]);
        z04 = a0.fma(v4, z04);
        z14 = a1.fma(v4, z14);
        from += stride;
        operand += k;
      }
      int to = c * stride + i;
      put(z00, first, z, to);
      put(z10, first, z, to + WIDTH);
      to += stride;
      put(z01, first, z, to);
      put(z11, first, z, to + WIDTH);
      to += stride;
      put(z02, first, z, to);
      put(z12, first, z, to + WIDTH);
      to += stride;
      put(z03, first, z, to);
      put(z13, first, z, to + WIDTH);
      to += stride;
      put(z04, first, z, to);
      put(z14, first, z, to + WIDTH);
    }
  }

  /** Columns c and c + 1 of Z. */
  private static void multiply2(
      float[] a, int at, int stride, Operand v, int first, int c, float[] z) {
    int k = v.k();
    int end = Math.min(v.p(), first + TERMS);
    float[] values = v.values();
    for (int i = 0; i < stride; i += 2 * WIDTH) {
      FloatVector z00 = FloatVector.zero(FLOATS);
      FloatVector z01 = FloatVector.zero(FLOATS);
      FloatVector z10 = FloatVector.zero(FLOATS);
      FloatVector z11 = FloatVector.zero(FLOATS);
      int from = at + first * stride + i;
      int operand = first * k + c;
      for (int j = first; j < end; j++) {
        FloatVector a0 = FloatVector.fromArray(FLOATS, a, from);
        FloatVector a1 = FloatVector.fromArray(FLOATS, a, from + WIDTH);
        FloatVector v0 = FloatVector.broadcast(FLOATS, values[operand]);
        z00 = a0.fma(v0, z00);
        z10 = a1.fma(v0, z10);
        FloatVector v1 = FloatVector.broadcast(FLOATS, values[operand + 1]);
        z01 = a0.fma(v1, z01);
        z11 = a1.fma(v1, z11);
        from += stride;
        operand += k;
      }
      int to = c * stride + i;
      put(z00, first, z, to);
      put(z10, first, z, to + WIDTH);
      to += stride;
      put(z01, first, z, to);
      put(z11, first, z, to + WIDTH);
    }
  }

  /** Column c of Z. */
  private static void multiply1(
      float[] a, int at, int stride, Operand v, int first, int c, float[] z) {
    int k = v.k();
    int end = Math.min(v.p(), first + TERMS);
    float[] values = v.values();
    for (int i = 0; i < stride; i += 2 * WIDTH) {
      FloatVector z00 = FloatVector.zero(FLOATS);
      FloatVector z10 = FloatVector.zero(FLOATS);
      int from = at + first * stride + i;
      int operand = first * k + c;
      for (int j = first; j < end; j++) {
        FloatVector a0 = FloatVector.fromArray(FLOATS, a, from);
        FloatVector a1 = FloatVector.fromArray(FLOATS, a, from + WIDTH);
        FloatVector v0 = FloatVector.broadcast(FLOATS, values[operand]);
        z00 = a0.fma(v0, z00);
        z10 = a1.fma(v0, z10);
        from += stride;
        operand += k;
      }
      int to = c * stride + i;
      put(z00, first, z, to);
      put(z10, first, z, to + WIDTH);
    }
  }

  /** Columns c … c + 4 of S, for one or two rows of it at a time. */
  private static void addTransposed5(float[] a, int at, int stride, float[] z, int c, Operand s) {
    for (int part = 0; part < PARTS; part += WIDTH) {
      for (int j = 0; j < s.p(); j += 2) {
        // The last of an odd number of columns is taken twice and kept once.
        int next = j + 1 < s.p() ? stride : 0;
        FloatVector s00 = FloatVector.zero(FLOATS);
        FloatVector s01 = FloatVector.zero(FLOATS);
        FloatVector s02 = FloatVector.zero(FLOATS);
        FloatVector s03 = FloatVector.zero(FLOATS);
        FloatVector s04 = FloatVector.zero(FLOATS);
        FloatVector s10 = FloatVector.zero(FLOATS);
        FloatVector s11 = FloatVector.zero(FLOATS);
        FloatVector s12 = FloatVector.zero(FLOATS);
        FloatVector s13 = FloatVector.zero(FLOATS);
        FloatVector s14 = FloatVector.zero(FLOATS);
        int from = at + j * stride + part;
        int other = c * stride + part;
        for (int i = 0; i < stride; i += PARTS) {
          FloatVector a0 = FloatVector.fromArray(FLOATS, a, from + i);
          FloatVector a1 = FloatVector.fromArray(FLOATS, a, from + next + i);
          FloatVector z0 = FloatVector.fromArray(FLOATS, z, other + i);
          s00 = a0.fma(z0, s00);
          s10 = a1.fma(z0, s10);
          FloatVector z1 = FloatVector.fromArray(FLOATS, z, other + i + stride);
          s01 = a0.fma(z1, s01);
          s11 = a1.fma(z1, s11);
          FloatVector z2 = FloatVector.fromArray(FLOATS, z, other + i + 2 * stride);
          s02 = a0.fma(z2, s02);
          s12 = a1.fma(z2, s12);
          FloatVector z3 = FloatVector.fromArray(FLOATS, z, other + i + 3 * stride);
          s03 = a0.fma(z3, s03);
          s13 = a1.fma(z3, s13);
          FloatVector z4 = FloatVector.fromArray(FLOATS, z, other + i + 4 * stride);
          s04 = a0.fma(z4, s04);
          s14 = a1.fma(z4, s14);
        }
        int to = (j * s.k() + c) * PARTS + part;
        add(s00, s.values(), to);
        add(s01, s.values(), to + PARTS);
        add(s02, s.values(), to + 2 * PARTS);
        add(s03, s.values(), to + 3 * PARTS);
        add(s04, s.values(), to + 4 * PARTS);
        if (next > 0) {
          to += s.k() * PARTS;
          add(s10, s.values(), to);
          add(s11, s.values(), to + PARTS);
          add(s12, s.values(), to + 2 * PARTS);
          add(s13, s.values(), to + 3 * PARTS);
          add(s14, s.values(), to + 4 * PARTS);
        }
      }
    }
  }

  /** Columns c and c + 1 of S, for one or two rows of it at a time. */
  private static void addTransposed2(float[] a, int at, int stride, float[] z, int c, Operand s) {
    for (int part = 0; part < PARTS; part += WIDTH) {
      for (int j = 0; j < s.p(); j += 2) {
        // The last of an odd number of columns is taken twice and kept once.
        int next = j + 1 < s.p() ? stride : 0;
        FloatVector s00 = FloatVector.zero(FLOATS);
        FloatVector s01 = FloatVector.zero(FLOATS);
        FloatVector s10 = FloatVector.zero(FLOATS);
        FloatVector s11 = FloatVector.zero(FLOATS);
        int from = at + j * stride + part;
        int other = c * stride + part;
        for (int i = 0; i < stride; i += PARTS) {
          FloatVector a0 = FloatVector.fromArray(FLOATS, a, from + i);
          FloatVector a1 = FloatVector.fromArray(FLOATS, a, from + next + i);
          FloatVector z0 = FloatVector.fromArray(FLOATS, z, other + i);
          s00 = a0.fma(z0, s00);
          s10 = a1.fma(z0, s10);
          FloatVector z1 = FloatVector.fromArray(FLOATS, z, other + i + stride);
          s01 = a0.fma(z1, s01);
          s11 = a1.fma(z1, s11);
        }
        int to = (j * s.k() + c) * PARTS + part;
        add(s00, s.values(), to);
        add(s01, s.values(), to + PARTS);
        if (next > 0) {
          to += s.k() * PARTS;
          add(s10, s.values(), to);
          add(s11, s.values(), to + PARTS);
        }
      }
    }
  }

  /** Column c of S, for one or two rows of it at a time. */
  private static void addTransposed1(float[] a, int at, int stride, float[] z, int c, Operand s) {
    for (int part = 0; part < PARTS; part += WIDTH) {
      for (int j = 0; j < s.p(); j += 2) {
        // The last of an odd number of columns is taken twice and kept once.
        int next = j + 1 < s.p() ? stride : 0;
        FloatVector s00 = FloatVector.zero(FLOATS);
        FloatVector s10 = FloatVector.zero(FLOATS);
        int from = at + j * stride + part;
        int other = c * stride + part;
        for (int i = 0; i < stride; i += PARTS) {
          FloatVector a0 = FloatVector.fromArray(FLOATS, a, from + i);
          FloatVector a1 = FloatVector.fromArray(FLOATS, a, from + next + i);
          FloatVector z0 = FloatVector.fromArray(FLOATS, z, other + i);
          s00 = a0.fma(z0, s00);
          s10 = a1.fma(z0, s10);
        }
        int to = (j * s.k() + c) * PARTS + part;
        add(s00, s.values(), to);
        if (next > 0) {
          to += s.k() * PARTS;
          add(s10, s.values(), to);
        }
      }
    }
  }
}
