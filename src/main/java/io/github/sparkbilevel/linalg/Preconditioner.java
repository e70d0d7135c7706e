package io.github.sparkbilevel.linalg;

/** A cheap symmetric positive definite approximation of the inverse of a {@link LinearOperator}. */
@FunctionalInterface
public interface Preconditioner {

  /** M⁻¹ r for the approximation M of the operator; {@code r} is not changed. */
  double[] solve(double[] r);

  /**
   * Whether M⁻¹ is one linear map. Where it is not, as with a solver that stops early, conjugate
   * gradients make their directions conjugate without counting on it.
   */
  default boolean isLinear() {
    return true;
  }

  /** A linear preconditioner to use where only such a one will do; itself where it is linear. */
  default Preconditioner linearPart() {
    return this;
  }

  /** The preconditioner that does nothing. */
  static Preconditioner identity() {
    return double[]::clone;
  }
}
