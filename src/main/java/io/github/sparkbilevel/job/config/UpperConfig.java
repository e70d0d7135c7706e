package io.github.sparkbilevel.job.config;

import io.github.sparkbilevel.problem.UpperVariableProvider.Kind;
import io.github.sparkbilevel.problem.UpperVariables;
import java.util.List;
import java.util.Optional;

/**
 * What the upper level tunes, and how it moves.
 *
 * @param variable names: a kind of weights, penalties, or weights and then penalties
 * @param groups the Hadoop path of the file that puts feature columns into groups, if there is one
 * @param initial where each of {@code variable} starts, in λ
 * @param step how far λ moves in one iteration; empty to scale it by the hypergradient
 * @param bounds the limits of λ, if there are any
 * @param refresh after how many iterations the features of the weight function are computed anew
 * @param tolerance the share of the upper objective that is no progress
 */
public record UpperConfig(
    List<String> variable,
    Optional<String> groups,
    List<Double> initial,
    Optional<Double> step,
    Optional<List<Double>> bounds,
    int refresh,
    double tolerance) {

  /** What is tuned. */
  public List<String> variables() {
    return variable;
  }

  /** The penalties that are tuned. */
  public List<String> penalties() {
    return variable.stream().filter(name -> !Kind.WEIGHTS.has(name)).toList();
  }

  /** Whether there are groups of features, and a variable takes them. */
  public boolean takesFeatureGroups() {
    return groups.isPresent() && UpperVariables.takeFeatureGroups(variable);
  }

  /** Where λ of that variable starts. */
  public double initialOf(String name) {
    return initial.get(variable.indexOf(name));
  }
}
