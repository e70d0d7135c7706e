package io.github.sparkbilevel.model;

import java.io.Serializable;

/**
 * The loss ℓ of one row as a function of its K outputs z = Cᵀa, and the derivatives in z.
 *
 * <p>{@link #evaluate} turns z into a <em>prediction</em> p of K numbers that is kept; every
 * derivative is computed from it:
 *
 * <ul>
 *   <li>∂ℓ/∂z = r(p, b), the residual;
 *   <li>∂²ℓ/∂z² = C(p), K × K, positive semidefinite and free of the label, so that the
 *       Gauss-Newton matrix is the Hessian.
 * </ul>
 *
 * Vectors in z lie with a stride, since tiles are column-major; predictions lie together.
 */
public sealed interface Loss extends Serializable permits SoftmaxLoss, LogisticLoss, SquaredLoss {

  /** K, the number of outputs. */
  int outputs();

  /** Number of classes, or 0 for a real-valued label. */
  int classes();

  /** Writes the prediction for z into {@code p} and returns ℓ. */
  double evaluate(double[] z, int zAt, int stride, double label, double[] p, int pAt);

  /** out = scale · r(p, label). */
  void residual(
      double[] p, int pAt, double label, double scale, double[] out, int outAt, int stride);

  /** t = scale · C(p) t, in place. */
  void curvatureInPlace(double[] p, int pAt, double scale, double[] t, int tAt, int stride);

  /** ⟨r(p, label), t⟩, the derivative of ℓ along the output direction t. */
  double directional(double[] p, int pAt, double label, double[] t, int tAt, int stride);

  /** The entry (k, l) of C(p). */
  double curvature(double[] p, int pAt, int k, int l);

  /** The class the prediction prefers (the lowest of equals), or the predicted value. */
  double predict(double[] p, int pAt);

  /** The probability that the prediction gives to a class; for real labels the likelihood e^−ℓ. */
  double probability(double[] p, int pAt, double label);

  /** Number of columns of a square root of C(p). */
  int rootColumns();

  /** out = scale · column k of S(p), where S Sᵀ = C. */
  void curvatureRoot(double[] p, int pAt, int k, double scale, double[] out, int outAt, int stride);

  /**
   * out = scale · r(p, b) for a label b drawn from the model; E[r rᵀ] = C.
   *
   * @param u uniform in (0, 1)
   * @param w uniform in (0, 1), independent of u
   */
  void drawnResidual(
      double[] p, int pAt, double u, double w, double scale, double[] out, int outAt, int stride);
}
