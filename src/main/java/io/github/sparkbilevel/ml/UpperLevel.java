package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.data.FeatureGroups;
import io.github.sparkbilevel.problem.UpperVariableProvider;
import java.util.ArrayList;
import java.util.List;

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

  /** The words of the variables. */
  public List<String> labels() {
    List<String> labels = new ArrayList<>();
    if (weights != null) {
      labels.add(weights.label());
    }
    if (penalty != null) {
      labels.add(penalty.label());
    }
    return labels;
  }
}
