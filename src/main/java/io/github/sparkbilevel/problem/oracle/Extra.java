package io.github.sparkbilevel.problem.oracle;

/** What an evaluation computes beside value and gradient. */
public enum Extra {
  /** Nothing. */
  NONE(""),
  /** The diagonal of the data part of the lower Hessian. */
  DIAGONAL("diag H"),
  /** The Kronecker factors of the lower Hessian. */
  KRONECKER("A, B"),
  /** The lower Hessian itself, d × d. */
  HESSIAN("H");

  private final String kernels;

  Extra(String kernels) {
    this.kernels = kernels;
  }

  String kernels() {
    return kernels;
  }
}
