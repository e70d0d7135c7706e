package io.github.sparkbilevel.model;

import io.github.sparkbilevel.block.Block;
import java.io.Serializable;

/**
 * The loss ℓ of rows as a function of their K outputs z = Cᵀa, and the derivatives in z, for a tile
 * of rows at a time.
 *
 * <p>{@link #evaluate} turns z into a <em>prediction</em> p of K numbers that is kept; every
 * derivative is computed from it:
 *
 * <ul>
 *   <li>∂ℓ/∂z = r(p, b), the residual;
 *   <li>∂²ℓ/∂z² = C(p, b), K × K, positive semidefinite.
 * </ul>
 *
 * <p>A loss of real labels that a jar offers as a {@link java.util.ServiceLoader service} of this
 * type can be named in job files and estimators ({@link Losses}).
 *
 * <p>Tiles that are read and written may be the same unless it is said otherwise; nothing is
 * allocated but scratch of the size of a tile.
 */
public interface Loss extends Serializable {

  /** The name in job files and messages; that of the class, unless overridden. */
  default String name() {
    return getClass().getName();
  }

  /** K, the number of outputs. */
  int outputs();

  /** Number of classes, or 0 for a real-valued label. */
  int classes();

  /** The least label that the loss takes; minus infinity where every number is a label. */
  default double leastLabel() {
    return Double.NEGATIVE_INFINITY;
  }

  /** The output at which training starts, in models with an intercept. */
  default double start() {
    return 0;
  }

  /** Whether adding a number to all outputs of a row changes neither p nor ℓ. */
  default boolean hasFreeShift() {
    return false;
  }

  /**
   * Adds operators that make of the outputs what a model tells: the probability of each class, or
   * of each of several labels, or the predicted value.
   *
   * @param z the name of a tensor of N rows and K outputs
   * @return the name of a tensor of N rows
   * @throws UnsupportedOperationException unless overridden
   */
  default String onnx(OnnxGraph graph, String z) {
    throw new UnsupportedOperationException(
        "the loss %s does not say how its predictions are written as ONNX; override its method onnx"
            .formatted(getClass().getName()));
  }

  /**
   * How much greater the curvature may become than it is for outputs of 0; infinite for a loss
   * whose curvature has no bound, which rules out algorithms that take gradient steps.
   */
  default double mostCurvatureOverStart() {
    return 1;
  }

  /** How the curvature C acts on a direction of the outputs. */
  enum CurvatureForm {
    /** C t = c ∘ t with the diagonal c of C. */
    DIAGONAL,
    /** Predictions sum to 1, and C t = p ∘ (t − ⟨p, t⟩). */
    OF_SHARES,
    /** In a way of its own. */
    GENERAL
  }

  /** How C acts, so that products with it can be computed where the rows are. */
  default CurvatureForm curvatureForm() {
    return CurvatureForm.GENERAL;
  }

  /** A block of rows whose labels were given, with labels as this loss reads them. */
  default Block given(Block rows) {
    return rows;
  }

  /** A block of rows whose labels are known to be right, with labels as this loss reads them. */
  default Block known(Block rows) {
    return rows;
  }

  /** Writes the predictions for z and ℓ of each row; the tiles must not overlap. */
  void evaluate(OutputTile z, TileColumn labels, OutputTile p, TileColumn losses);

  /** out = s · r(p, label), with a number s for each row. */
  void residual(OutputTile p, TileColumn labels, TileColumn s, OutputTile out);

  /** t = s · C(p, label) t, in place, with a number s for each row. */
  void curvatureInPlace(OutputTile p, TileColumn labels, TileColumn s, OutputTile t);

  /** out = ⟨r(p, label), t⟩, the derivative of ℓ along the output direction t. */
  void directional(OutputTile p, TileColumn labels, OutputTile t, TileColumn out);

  /** out = s · C(p, label)_kl. */
  void curvature(OutputTile p, TileColumn labels, int k, int l, TileColumn s, TileColumn out);

  /** A number for each class from the outputs of a row: the greater, the likelier the class. */
  default double[] margins(double[] z) {
    return outputs() == 1 && classes() == 2 ? new double[] {-z[0], z[0]} : z;
  }

  /** The class that the prediction of a row prefers (the lowest of equals), or its value. */
  double predict(OutputTile p, int row);

  /** Whether predictions are right or wrong, and not near or far. */
  default boolean hasAccuracy() {
    return classes() > 0;
  }

  /** 1 where the prediction of a row is its label and 0 elsewhere; NaN without accuracy. */
  default double accuracy(OutputTile p, int row, double label) {
    return classes() == 0 ? Double.NaN : predict(p, row) == label ? 1 : 0;
  }

  /** The probability that a row's prediction gives to a class; for real labels e^−ℓ. */
  double probability(OutputTile p, int row, double label);

  /** How surely a row's label is right, from its loss: the greater, the surer. */
  default double logOdds(double loss) {
    return logOddsOfClass(loss);
  }

  /**
   * The log-odds log p/(1 − p) of a loss −log p, within ±5. Beyond that, more certainty is no more
   * evidence; it keeps one row from stretching the scale.
   */
  static double logOddsOfClass(double loss) {
    double odds = -loss - Math.log(-Math.expm1(-loss));
    return Math.max(-5, Math.min(5, odds));
  }

  /** Number of columns of a square root of C(p, label). */
  int rootColumns();

  /** out = s · column k of S(p, label), where S Sᵀ = C. */
  void curvatureRoot(OutputTile p, TileColumn labels, int k, TileColumn s, OutputTile out);

  /**
   * out = s · r with random r, E[r rᵀ] = C, such as r(p, b) for labels b drawn from the model.
   *
   * @param u uniform in (0, 1), a number for each row
   * @param w uniform in (0, 1), independent of u
   */
  void drawnResidual(
      OutputTile p, TileColumn labels, TileColumn u, TileColumn w, TileColumn s, OutputTile out);
}
