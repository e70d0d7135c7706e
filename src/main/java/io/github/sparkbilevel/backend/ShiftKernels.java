package io.github.sparkbilevel.backend;

import io.github.sparkbilevel.linalg.Simd;

/**
 * What is done with a row of places of {@link Shifts}, by vectors of the CPU or one number at a
 * time: the bits are the same.
 */
interface ShiftKernels {
  /** Sums over numbers are kept in so many parts: number i adds to part i mod 16. */
  int PARTS = PanelKernels.PARTS;

  /** What suits this virtual machine. */
  static ShiftKernels best() {
    return Simd.isAvailable() ? new VectorShiftKernels() : new ScalarShiftKernels();
  }

  /**
   * The numbers of a row of places.
   *
   * @param image the image
   * @param from where each tap begins
   * @param shift what the row adds to that
   * @param length numbers of the row
   */
  record Line(float[] image, int[] from, int shift, int length) {}

  /**
   * A number for each place and output.
   *
   * @param values the array
   * @param at where the row of the first output begins
   * @param stride from one output to the next
   * @param outputs how many
   */
  record Places(float[] values, int at, int stride, int outputs) {}

  /**
   * z_o[i] += Σ_k w_ko a_k[i], the terms in the order of the taps.
   *
   * @param w taps × outputs, row after row
   */
  void addProduct(Line a, float[] w, Places z);

  /**
   * s_ko += Σ_i a_k[i] d_o[i], in parts.
   *
   * @param s taps × outputs × 16, row after row
   */
  void addTransposed(Line a, Places d, float[] s);

  /**
   * The greatest of several numbers, the first of equals.
   *
   * @param a a tap for each candidate
   * @param out takes the greatest numbers from {@code at} on
   * @param taps takes which tap they are of
   */
  void greatest(Line a, float[] out, int at, float[] taps);
}
