package io.github.sparkbilevel.problem.sampling;

import io.github.sparkbilevel.problem.pass.Work;
import java.io.Serializable;

/**
 * What is asked of a sample of the rows.
 *
 * @param theta θ
 * @param lambda the driver's λ
 * @param columns directions, of which the Hessian products are asked; with one or more, the mixed
 *     product with the first comes as well
 * @param lower whether ∇_θG and ∇_λG are asked
 * @param upper whether ∇_θF is asked
 * @param again whether the sample is that of the draw before, so that its noise falls out of a
 *     difference
 */
public record Draw(
    double[] theta,
    double[] lambda,
    double[][] columns,
    boolean lower,
    boolean upper,
    boolean again)
    implements Serializable {

  /** ∇_θG and ∇_λG. */
  public static Draw gradient(double[] theta, double[] lambda) {
    return new Draw(theta, lambda, new double[0][], true, false, false);
  }

  /** ∇_θF alone. */
  public static Draw upperGradient(double[] theta, double[] lambda) {
    return new Draw(theta, lambda, new double[0][], false, true, false);
  }

  /** Hessian products alone. */
  public static Draw products(double[] theta, double[] lambda, double[]... columns) {
    return new Draw(theta, lambda, columns, false, false, false);
  }

  /** The same with Hessian products, and the mixed product with the first direction. */
  public Draw along(double[]... directions) {
    return new Draw(theta, lambda, directions, lower, upper, again);
  }

  /** The same with ∇_θF. */
  public Draw withUpper() {
    return new Draw(theta, lambda, columns, lower, true, again);
  }

  /** The same on the sample of the draw before. */
  public Draw onSameSample() {
    return new Draw(theta, lambda, columns, lower, upper, true);
  }

  /** Whether rows of the lower level are read. */
  boolean readsLower() {
    return lower || columns.length > 0;
  }

  /** What it counts for, beside rows. */
  public Work work(long rows) {
    return new Work((lower ? 1 : 0) + (upper ? 1 : 0), columns.length, rows);
  }

  long bytes() {
    return 8L * (1 + columns.length) * theta.length;
  }
}
