package io.github.sparkbilevel.backend;

import java.util.Arrays;

/** Loops for virtual machines without vectors. */
final class ScalarShiftKernels implements ShiftKernels {

  @Override
  public void addProduct(Line a, float[] w, Places z) {
    tail(a, w, z, 0);
  }

  /** The numbers from {@code first} on. */
  static void tail(Line a, float[] w, Places z, int first) {
    float[] sums = new float[a.length()];
    for (int o = 0; o < z.outputs() && first < a.length(); o++) {
      Arrays.fill(sums, 0f);
      for (int k = 0; k < a.from().length; k++) {
        int from = a.from()[k] + a.shift();
        float weight = w[k * z.outputs() + o];
        for (int i = first; i < a.length(); i++) {
          sums[i] = Math.fma(a.image()[from + i], weight, sums[i]);
        }
      }
      int to = z.at() + o * z.stride();
      for (int i = first; i < a.length(); i++) {
        z.values()[to + i] += sums[i];
      }
    }
  }

  @Override
  public void addTransposed(Line a, Places d, float[] s) {
    int whole = a.length() / PARTS * PARTS;
    float[] parts = new float[PARTS];
    for (int k = 0; k < a.from().length; k++) {
      int from = a.from()[k] + a.shift();
      for (int o = 0; o < d.outputs(); o++) {
        Arrays.fill(parts, 0f);
        int other = d.at() + o * d.stride();
        for (int i = 0; i < whole; i++) {
          int part = i % PARTS;
          parts[part] = Math.fma(a.image()[from + i], d.values()[other + i], parts[part]);
        }
        int to = (k * d.outputs() + o) * PARTS;
        for (int part = 0; part < PARTS; part++) {
          s[to + part] += parts[part];
        }
      }
    }
    tail(a, d, s, whole);
  }

  /** The numbers from {@code first} on, fewer than there are parts. */
  static void tail(Line a, Places d, float[] s, int first) {
    for (int k = 0; k < a.from().length; k++) {
      int from = a.from()[k] + a.shift();
      for (int o = 0; o < d.outputs(); o++) {
        int other = d.at() + o * d.stride();
        int to = (k * d.outputs() + o) * PARTS - first;
        for (int i = first; i < a.length(); i++) {
          s[to + i] = Math.fma(a.image()[from + i], d.values()[other + i], s[to + i]);
        }
      }
    }
  }

  @Override
  public void greatest(Line a, float[] out, int at, float[] taps) {
    tail(a, out, at, taps, 0);
  }

  /** The numbers from {@code first} on. */
  static void tail(Line a, float[] out, int at, float[] taps, int first) {
    for (int i = first; i < a.length(); i++) {
      out[at + i] = a.image()[a.from()[0] + a.shift() + i];
      taps[i] = 0;
      for (int k = 1; k < a.from().length; k++) {
        float value = a.image()[a.from()[k] + a.shift() + i];
        if (value > out[at + i]) {
          out[at + i] = value;
          taps[i] = k;
        }
      }
    }
  }
}
