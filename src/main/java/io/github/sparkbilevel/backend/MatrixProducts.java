package io.github.sparkbilevel.backend;

/**
 * Products of small dense matrices on the heap: what lies behind the first layer of a network.
 *
 * <p>All matrices are float64 and column-major.
 */
@FunctionalInterface
public interface MatrixProducts {

  /**
   * A matrix in an array, or its transpose.
   *
   * @param values the array
   * @param at where it begins
   * @param ld distance between two columns, as it lies in memory
   * @param transposed whether its transpose is meant
   */
  record Operand(double[] values, int at, int ld, boolean transposed) {

    /** The matrix as it lies. */
    public static Operand of(double[] values, int at, int ld) {
      return new Operand(values, at, ld, false);
    }

    /** Its transpose. */
    public Operand transpose() {
      return new Operand(values, at, ld, !transposed);
    }
  }

  /**
   * C += A B.
   *
   * @param m rows of C
   * @param n columns of C
   * @param k columns of A
   * @param c not transposed
   */
  void addProduct(int m, int n, int k, Operand a, Operand b, Operand c);
}
