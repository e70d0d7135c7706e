package io.github.sparkbilevel.problem.oracle;

import io.github.sparkbilevel.linalg.LinearOperator;

/**
 * Both levels at one (θ, λ): numbers on the driver, and predictions and weights beside the rows
 * until it is released.
 */
public interface Evaluation extends LowerObjective.Point {

  /** The driver's part of λ; not to be changed. */
  double[] lambda();

  /**
   * G at θ and the λ before the step: the λ_i that the rows had, and the penalty of {@code before}.
   *
   * @param before the driver's part of the λ before; must weigh rows as the present one does
   */
  double lowerObjectiveAt(double[] before);

  /** H u without damping, for the u of the query; null without one. */
  double[] adjointProduct();

  /** F(θ, λ), E(λ) included, and the accuracy on the trusted rows of the upper level. */
  Tally upper();

  /** ∇_θ F; not to be changed. */
  double[] upperGradient();

  /** The trusted rows that were held out. */
  Tally heldOut();

  /** The test rows. */
  Tally test();

  /** Norms of the hypergradient of the λ_i, at the λ_i before the step. */
  RowGradientNorms rowGradient();

  /** H + δI; each {@code applyAll} costs 1 pass. */
  @Override
  LinearOperator hessian(double damping);
}
