package io.github.sparkbilevel.job.config;

import io.github.sparkbilevel.problem.UpperVariableProvider.Kind;
import java.util.List;
import java.util.Optional;

/**
 * What the upper level tunes, and how it moves.
 *
 * @param variable one or two names: a kind of weights, a penalty, or weights and then a penalty
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

  /** The kind of weights that is tuned, if one is. */
  public Optional<String> weights() {
    return variable.stream().filter(Kind.WEIGHTS::has).findFirst();
  }

  /** The penalty that is tuned, if one is. */
  public Optional<String> penalty() {
    return variable.stream().filter(Kind.PENALTY::has).findFirst();
  }

  /** Where λ of that variable starts. */
  public double initialOf(String name) {
    return initial.get(variable.indexOf(name));
  }
}
