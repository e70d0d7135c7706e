package io.github.sparkbilevel.ml.prepare;

import io.github.sparkbilevel.data.FeatureGroups;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.UpperVariableProvider;
import java.util.Arrays;

/**
 * What the upper level tunes, and where it starts.
 *
 * @param weights the kind of weights, or null
 * @param penalty the kind of penalty, or null
 * @param weightsStart λ of the weights at the start
 * @param penaltyStart λ of the penalties at the start
 * @param groups the groups of the features for {@code l2-per-group}, otherwise null
 */
public record UpperLevel(
    UpperVariableProvider weights,
    UpperVariableProvider penalty,
    double weightsStart,
    double penaltyStart,
    FeatureGroups groups) {

  /** Nothing is tuned. */
  public static UpperLevel fixed() {
    return new UpperLevel(null, null, 0, 0, null);
  }

  /**
   * The least and the greatest value of each entry of the driver's λ.
   *
   * @param told what the user says for all of them; empty for what is usual
   */
  public double[][] bounds(BilevelProblem problem, double[] told) {
    double[][] bounds = new double[2][problem.sharedSize()];
    int from = problem.weighingSize();
    for (int side = 0; side < 2; side++) {
      if (weights != null) {
        double[] usual = told.length > 0 ? told : weights.bounds();
        Arrays.fill(bounds[side], 0, from, usual[side]);
      }
      if (penalty != null) {
        double[] usual = told.length > 0 ? told : penalty.bounds();
        Arrays.fill(bounds[side], from, bounds[side].length, usual[side]);
      }
    }
    problem.narrow(bounds[0], bounds[1]);
    return bounds;
  }
}
