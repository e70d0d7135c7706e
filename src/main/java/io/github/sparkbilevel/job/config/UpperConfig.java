package io.github.sparkbilevel.job.config;

import io.github.sparkbilevel.problem.UpperVariableProvider.Kind;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What the upper level tunes, and how it moves.
 *
 * @param variables one or two names: a kind of weights, a penalty, or weights and then a penalty
 * @param groups the Hadoop path of the file that puts feature columns into groups, if there is one
 * @param initial where each of {@code variables} starts, in λ
 * @param step how far λ moves in one iteration; empty to scale it by the hypergradient
 * @param bounds the limits of λ, if there are any
 * @param refresh after how many iterations the features of the weight function are computed anew
 * @param tolerance the share of the upper objective that is no progress
 */
public record UpperConfig(
    List<String> variables,
    Optional<String> groups,
    List<Double> initial,
    OptionalDouble step,
    Optional<Bounds> bounds,
    int refresh,
    double tolerance) {

  /** The smallest and the largest value of λ. */
  public record Bounds(double lower, double upper) {
    boolean contain(double value) {
      return lower <= value && value <= upper;
    }
  }

  /** The kind of weights that is tuned, if one is. */
  public Optional<String> weights() {
    return variables.stream().filter(Kind.WEIGHTS::has).findFirst();
  }

  /** The penalty that is tuned, if one is. */
  public Optional<String> penalty() {
    return variables.stream().filter(Kind.PENALTY::has).findFirst();
  }

  /** Where λ of that variable starts. */
  public double initialOf(String variable) {
    return initial.get(variables.indexOf(variable));
  }
}
