package io.github.sparkbilevel.backend;

/**
 * Products of dense column-major matrices on the heap: what lies behind the first layer of a
 * network. Thread-safe.
 *
 * @param <A> {@code float[]} or {@code double[]}
 */
@FunctionalInterface
public interface MatrixProducts<A> {

  /**
   * A matrix in an array, or its transpose.
   *
   * @param values the array
   * @param at where it begins
   * @param ld distance between two columns, as it lies in memory
   * @param transposed whether its transpose is meant
   */
  record Operand<A>(A values, int at, int ld, boolean transposed) {

    /** The matrix as it lies. */
    public static <A> Operand<A> of(A values, int at, int ld) {
      return new Operand<>(values, at, ld, false);
    }

    /** Its transpose. */
    public Operand<A> transpose() {
      return new Operand<>(values, at, ld, !transposed);
    }
  }

  /**
   * C += A B, or C = A B.
   *
   * @param m rows of C
   * @param n columns of C
   * @param k columns of A
   * @param c not transposed
   * @param add whether what is in C stays
   */
  void product(int m, int n, int k, Operand<A> a, Operand<A> b, Operand<A> c, boolean add);
}
