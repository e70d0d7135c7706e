package io.github.sparkbilevel.linalg;

import java.util.Arrays;

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

  /** A diagonal in place of M: 1/(M⁻¹ 1) where that is positive, and its mean elsewhere. */
  default double[] diagonal(int size) {
    double[] ones = new double[size];
    Arrays.fill(ones, 1);
    double[] inverse = solve(ones);
    double mean = Arrays.stream(inverse).filter(d -> d > 0).average().orElse(1);
    return Arrays.stream(inverse).map(d -> 1 / (d > 0 ? d : mean)).toArray();
  }

  /** The preconditioner that does nothing. */
  static Preconditioner identity() {
    return double[]::clone;
  }
}
