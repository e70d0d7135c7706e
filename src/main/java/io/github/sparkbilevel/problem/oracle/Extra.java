package io.github.sparkbilevel.problem.oracle;

import io.github.sparkbilevel.model.BlockKernel;

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

  /** Numbers that it adds to what an evaluation returns. */
  public long numbers(BlockKernel kernel) {
    long d = kernel.model().size();
    return switch (this) {
      case NONE -> 0;
      case DIAGONAL -> d;
      case KRONECKER -> kernel.factorSums();
      case HESSIAN -> d * d;
    };
  }

  String kernels() {
    return kernels;
  }
}
