package io.github.sparkbilevel.problem;

import io.github.sparkbilevel.model.Model;
import io.github.sparkbilevel.problem.Penalty.Sharing;
import java.util.Arrays;

/**
 * The ridge R(θ, λ) = ½ Σ_j c_j θ_j² whose strengths follow the variances v_j of the features:
 *
 * <pre>
 *   ln c_j = (1 − t_j) λ_1 + t_j λ_2,   t_j = (ln v_j − ln v_min) / (ln v_max − ln v_min)
 * </pre>
 *
 * <p>e^{λ_1} is the penalty of the feature that varies least, e^{λ_2} that of the one that varies
 * most. For standardised features λ_1 = λ_2 is a ridge on these, and λ_1 − λ_2 = ln v_max − ln
 * v_min one on the features as they were read; other values are between the two, or beyond.
 * Intercepts have no penalty. The chain rule takes ∇²_λθR · u from that of a penalty for each
 * feature.
 */
public final class VariancePenalty implements UpperVariable {
  private static final long serialVersionUID = 1L;

  private final Penalty perFeature;
  private final double[] places;

  /**
   * For a linear model.
   *
   * @param variances of the features as they were read, ≥ 0; of those that are 0, t_j = 0
   * @throws IllegalArgumentException unless two features at least vary, and not alike
   */
  public VariancePenalty(Model model, double[] variances) {
    if (variances.length != model.features()) {
      throw new IllegalArgumentException(
          "got %d variances, expected one for each of %d features"
              .formatted(variances.length, model.features()));
    }
    this.perFeature = Penalty.tuned(model, Sharing.PER_FEATURE, false);
    double[] logs = Arrays.stream(variances).filter(v -> v > 0).map(Math::log).toArray();
    double least = Arrays.stream(logs).min().orElse(0);
    double greatest = Arrays.stream(logs).max().orElse(0);
    if (!(greatest > least)) {
      throw new IllegalArgumentException(
          "the upper variable l2-by-variance got features of one variance, expected several;"
              + " choose l2");
    }
    this.places = new double[variances.length];
    Arrays.setAll(
        places, j -> variances[j] > 0 ? (Math.log(variances[j]) - least) / (greatest - least) : 0);
  }

  @Override
  public int size() {
    return 2;
  }

  /** ln c for each feature. */
  private double[] logs(double[] lambda) {
    double[] logs = new double[places.length];
    Arrays.setAll(logs, j -> (1 - places[j]) * lambda[0] + places[j] * lambda[1]);
    return logs;
  }

  @Override
  public double penalty(double[] theta, double[] lambda) {
    return perFeature.penalty(theta, logs(lambda));
  }

  @Override
  public void addPenaltyProduct(double[] v, double[] lambda, double[] out) {
    perFeature.addPenaltyProduct(v, logs(lambda), out);
  }

  @Override
  public double[] penaltyMixedProduct(double[] theta, double[] u, double[] lambda) {
    double[] byFeature = perFeature.penaltyMixedProduct(theta, u, logs(lambda));
    double[] mixed = new double[2];
    for (int j = 0; j < places.length; j++) {
      mixed[0] += (1 - places[j]) * byFeature[j];
      mixed[1] += places[j] * byFeature[j];
    }
    return mixed;
  }

  @Override
  public String entryName(int j, UpperFacts facts) {
    return j == 0 ? "least variance" : "greatest variance";
  }
}
