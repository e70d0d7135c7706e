package io.github.sparkbilevel.problem;

import io.github.sparkbilevel.linalg.Vectors;

/**
 * The penalty Σ_j e^{λ_g(j)} |θ_j|, which makes coefficients exactly 0; intercepts have none.
 *
 * <p>Its mixed product is that of the coefficients that are not 0, (∇²_λθ R · u)_g = e^{λ_g} Σ_{j:
 * g(j) = g} sign(θ_j) u_j.
 */
public final class Lasso implements UpperVariable {
  private static final long serialVersionUID = 1L;

  private final Penalty strengths;

  /**
   * A penalty of tuned strengths.
   *
   * @param strengths the ridge whose entries of λ are shared in the same way
   */
  public Lasso(Penalty strengths) {
    this.strengths = strengths;
  }

  @Override
  public int size() {
    return strengths.size();
  }

  @Override
  public boolean hasKinks() {
    return true;
  }

  @Override
  public void addKinks(double[] lambda, double[] widths) {
    Vectors.addTo(widths, 1, strengths.strengths(lambda));
  }

  @Override
  public double[] penaltyMixedProduct(double[] theta, double[] u, double[] lambda) {
    double[] signs = new double[theta.length];
    for (int j = 0; j < theta.length; j++) {
      signs[j] = Math.signum(theta[j]);
    }
    return strengths.penaltyMixedProduct(signs, u, lambda);
  }

  @Override
  public double[] penaltyLambdaGradient(double[] theta, double[] lambda) {
    return penaltyMixedProduct(theta, theta, lambda);
  }

  @Override
  public String entryName(int j, UpperFacts facts) {
    return size() == 1 ? "l1" : strengths.entryName(j, facts);
  }
}
