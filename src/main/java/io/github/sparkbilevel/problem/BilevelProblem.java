package io.github.sparkbilevel.problem;

import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.Model;
import io.github.sparkbilevel.model.ParameterBlock;
import java.io.Serializable;

/**
 * The two objectives without their data.
 *
 * <pre>
 *   G(θ, λ) = (1/n) Σ_i s_i ℓ(θ; a_i, b_i) + R(θ, λ)     lower, over the training rows
 *   F(θ)    = (1/m) Σ_j ℓ(θ; a_j, b_j)                   upper, over the trusted rows
 * </pre>
 *
 * The driver's part of λ holds the entries of the {@link RowVariable}, then those of the {@link
 * Penalty}. F does not depend on λ, so that the hypergradient is −∇²_λθ G · u.
 *
 * @param model the lower-level model
 * @param rows how λ weighs the rows
 * @param penalty R
 */
public record BilevelProblem(Model model, RowVariable rows, Penalty penalty)
    implements Serializable {

  /** Length of the driver's part of λ. */
  public int sharedSize() {
    return rows.size() + penalty.size();
  }

  /** The entries of the driver's λ that weigh rows. */
  public double[] rowPart(double[] lambda) {
    return Vectors.slice(lambda, 0, rows.size());
  }

  /** The entries of the driver's λ that tune the penalty. */
  public double[] penaltyPart(double[] lambda) {
    return Vectors.slice(lambda, rows.size(), penalty.size());
  }

  /** Whether λ has an entry for every row. */
  public boolean hasExampleWeights() {
    return rows instanceof RowVariable.ExampleWeights;
  }

  /**
   * Whether the mixed product for the driver's λ is a sum over rows: one more pass an iteration.
   */
  public boolean mixedProductNeedsPass() {
    return rows instanceof RowVariable.Designed;
  }

  /**
   * The direction along which G is flat for every θ: the common shift of softmax intercepts that
   * are not penalised; null when there is none.
   */
  public double[] nullDirection(double[] lambda) {
    if (!model.hasFreeInterceptShift()) {
      return null;
    }
    ParameterBlock block = model.layer().outputBiases().orElseThrow();
    if (penalty.strengths(penaltyPart(lambda))[block.biases()] > 0) {
      return null;
    }
    double[] direction = new double[model.size()];
    for (int j = block.biases(); j < block.end(); j += block.height()) {
      direction[j] = 1;
    }
    return direction;
  }
}
