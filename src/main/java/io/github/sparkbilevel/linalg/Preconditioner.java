package io.github.sparkbilevel.linalg;

/** A cheap symmetric positive definite approximation of the inverse of a {@link LinearOperator}. */
@FunctionalInterface
public interface Preconditioner {

  /** M⁻¹ r for the approximation M of the operator; {@code r} is not changed. */
  double[] solve(double[] r);

  /** The preconditioner that does nothing. */
  static Preconditioner identity() {
    return double[]::clone;
  }
}
