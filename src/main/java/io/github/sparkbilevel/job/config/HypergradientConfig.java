package io.github.sparkbilevel.job.config;

import java.util.List;

/**
 * What the hypergradient job evaluates.
 *
 * @param methods the ways to solve for the adjoint; the first is the reference of the others
 * @param tolerance the largest entry that the gradient of the lower level may keep
 * @param precision {@code double} or {@code single}
 * @param mostProducts the most Hessian products of a method
 * @param products Hessian products after which errors are measured as well
 * @param hessian {@code exact} or {@code gauss-newton}
 */
public record HypergradientConfig(
    List<String> methods,
    double tolerance,
    String precision,
    int mostProducts,
    List<Integer> products,
    String hessian) {

  /** Whether a network has its Hessian and not the Gauss-Newton matrix. */
  public boolean exactHessian() {
    return hessian.equals("exact");
  }
}
