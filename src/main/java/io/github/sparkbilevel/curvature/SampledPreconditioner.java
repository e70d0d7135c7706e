package io.github.sparkbilevel.curvature;

import io.github.sparkbilevel.linalg.LinearOperator;
import io.github.sparkbilevel.linalg.Preconditioner;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.solve.ConjugateGradient;

/**
 * The inverse of the Hessian of a sample of rows, by a few steps of conjugate gradients of its own:
 * what the driver can do while the cluster would multiply (Zhang and Xiao, ICML 2015, algorithm 2,
 * who take the rows of one machine).
 *
 * <p>Cost of a {@link #solve}: {@link #PRODUCTS} products with the sample's Hessian, no pass.
 *
 * @param hessian of the sample, damped
 * @param inner its preconditioner
 */
public record SampledPreconditioner(LinearOperator hessian, Preconditioner inner)
    implements Preconditioner {

  /** Products of an inner solve: with 10 the outer one gains little more. */
  public static final int PRODUCTS = 5;

  private static final ConjugateGradient INNER = new ConjugateGradient(PRODUCTS, 1e-6);

  @Override
  public double[] solve(double[] r) {
    double[] x = INNER.solve(hessian, new double[][] {r}, inner).columns()[0];
    // No step at all: the curvature along the first direction was not positive, as an exact Hessian
    // of a network may have it. The inner preconditioner is positive definite.
    return Vectors.normInf(x) == 0 ? inner.solve(r) : x;
  }

  @Override
  public boolean isLinear() {
    return false;
  }

  @Override
  public Preconditioner linearPart() {
    return inner;
  }
}
