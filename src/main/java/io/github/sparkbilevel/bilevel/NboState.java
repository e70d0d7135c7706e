package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.problem.oracle.Evaluation;

/**
 * Where {@link Nbo} stands.
 *
 * @param point at (θ, λ), with H u
 * @param adjoint u; not to be changed
 */
record NboState(int iteration, Evaluation point, double[] adjoint) implements OuterState {

  /** H u − ∇_θF: what u is off by. */
  double[] adjointResidual() {
    double[] residual = Vectors.scaled(-1, point.upperGradient());
    if (point.adjointProduct() != null) {
      Vectors.addTo(residual, 1, point.adjointProduct());
    }
    return residual;
  }

  @Override
  public double mostUpper() {
    return mostUpper(point, adjoint);
  }

  /**
   * F plus what θ may be off by: to first order F(θ) − F(θ*(λ)) = ⟨u, ∇_θG⟩. If θ lags behind λ,
   * F(θ) can be low although Φ(λ) is not.
   */
  static double mostUpper(Evaluation point, double[] adjoint) {
    return point.upper().loss() + Math.abs(Vectors.dot(adjoint, point.gradient()));
  }
}
