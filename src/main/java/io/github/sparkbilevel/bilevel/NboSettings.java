package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.curvature.KroneckerSettings;
import io.github.sparkbilevel.problem.training.Training;

/**
 * How NBO runs.
 *
 * @param curvature how the Newton system is solved
 * @param products T, the Hessian products of an outer iteration
 * @param iterations the most outer iterations
 * @param damping δ ≥ 0
 * @param patience iterations after which the run ends without a better held-out loss, or, where
 *     nothing is held out, with the same F; 0 for never
 * @param tolerance share of F by which it may move and be the same
 * @param factorRefresh iterations between two computations of the Kronecker factors
 * @param rowStep length of the first steps of the λ_i beside the rows
 * @param rowLow the least λ_i beside the rows
 * @param rowHigh the greatest λ_i beside the rows
 * @param rotation how the trusted rows rotate between making features and making F, or null
 * @param training how θ of a network moves in an iteration, or null for Newton steps
 * @param factors how the Kronecker factors of a network are used
 * @param field the algorithm that takes the place of NBO, or null
 */
public record NboSettings(
    Curvature curvature,
    int products,
    int iterations,
    double damping,
    int patience,
    double tolerance,
    int factorRefresh,
    double rowStep,
    double rowLow,
    double rowHigh,
    Rotation rotation,
    Training training,
    KroneckerSettings factors,
    FieldSettings field) {

  /**
   * Checks that there is a product left beside the one that a preconditioner takes.
   *
   * @throws IllegalArgumentException when there is not
   */
  public NboSettings {
    if (products < 2 && curvature.takesProduct()) {
      throw new IllegalArgumentException(
          "curvature = %s takes a product for its preconditioner; got products = %d, expected 2 or more; use more products or curvature = cg"
              .formatted(curvature.label(), products));
    }
  }

  /** For models that take Newton steps. */
  public NboSettings(
      Curvature curvature,
      int products,
      int iterations,
      double damping,
      int patience,
      int factorRefresh,
      double rowStep,
      double rowLow,
      double rowHigh,
      Rotation rotation) {
    this(
        curvature,
        products,
        iterations,
        damping,
        patience,
        0,
        factorRefresh,
        rowStep,
        rowLow,
        rowHigh,
        rotation,
        null,
        KroneckerSettings.DEFAULT,
        null);
  }

  /** The same with an algorithm of the field in place of NBO. */
  public NboSettings by(FieldSettings newField) {
    return new NboSettings(
        curvature,
        products,
        iterations,
        damping,
        patience,
        tolerance,
        factorRefresh,
        rowStep,
        rowLow,
        rowHigh,
        rotation,
        training,
        factors,
        newField);
  }

  /** The same for a network whose θ moves by stochastic training in every iteration. */
  public NboSettings with(Training newTraining, KroneckerSettings newFactors) {
    return new NboSettings(
        curvature,
        products,
        iterations,
        damping,
        patience,
        tolerance,
        factorRefresh,
        rowStep,
        rowLow,
        rowHigh,
        rotation,
        newTraining,
        newFactors,
        field);
  }

  /** The same with another tolerance. */
  NboSettings within(double newTolerance) {
    return new NboSettings(
        curvature,
        products,
        iterations,
        damping,
        patience,
        newTolerance,
        factorRefresh,
        rowStep,
        rowLow,
        rowHigh,
        rotation,
        training,
        factors,
        field);
  }

  /**
   * Cross-fitting of the weight function. A model fitted on trusted rows has no loss on those rows;
   * a feature made with it would let λ lower F by trusting that model, whatever it says of other
   * rows. So the trusted rows are cut into folds: at each refresh the next fold makes F, and the
   * feature comes from the model fitted without that fold.
   *
   * @param folds number of folds of the trusted rows, 2 or more; trusted model j is fitted without
   *     fold j
   * @param refresh iterations between two refreshes of the features
   */
  public record Rotation(int folds, int refresh) {}
}
