package io.github.sparkbilevel.backend;

import io.github.sparkbilevel.linalg.Simd;

/**
 * The two products with a panel of rows, by vectors of the CPU or one number at a time: the bits
 * are the same.
 *
 * <p>A panel A lies column after column with the stride R, a multiple of {@code
 * PanelFeatures.LANES}.
 */
interface PanelKernels {
  /** Sums over columns are added up from sums of so many, which errs less than one long sum. */
  int TERMS = 64;

  /** Sums over rows are kept in so many parts: row i adds to part i mod 16. */
  int PARTS = 16;

  /** What suits this virtual machine. */
  static PanelKernels best() {
    return Simd.isAvailable() ? new VectorPanelKernels() : new ScalarPanelKernels();
  }

  /**
   * Z = A V.
   *
   * @param a the array of the panel
   * @param at where the panel begins
   * @param stride R
   * @param v the operand, p × k, row after row
   * @param z R × k with the stride R, overwritten
   */
  void multiply(float[] a, int at, int stride, Operand v, float[] z);

  /**
   * S += Aᵀ Z in parts.
   *
   * @param z R × k with the stride R
   * @param s p × k × 16: the parts of a sum lie side by side, sums row after row
   */
  void addTransposed(float[] a, int at, int stride, float[] z, Operand s);

  /**
   * A matrix of p rows and k columns, row after row.
   *
   * @param values the array
   * @param p rows, the features
   * @param k columns
   */
  record Operand(float[] values, int p, int k) {}
}
