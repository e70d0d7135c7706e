package io.github.sparkbilevel.job.config;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What the upper level tunes, and how it moves.
 *
 * @param variables one or two names: a kind of weights, {@code l2}, or weights and then {@code l2}
 * @param initial where each of {@code variables} starts, in λ
 * @param step how far λ moves in one iteration; empty to scale it by the hypergradient
 * @param bounds the limits of λ, if there are any
 * @param refresh after how many iterations the features of the weight function are computed anew
 */
public record UpperConfig(
    List<String> variables,
    List<Double> initial,
    OptionalDouble step,
    Optional<Bounds> bounds,
    int refresh) {

  /** The smallest and the largest value of λ. */
  public record Bounds(double lower, double upper) {}

  /** The kind of weights that is tuned, if one is. */
  public Optional<String> weights() {
    return variables.stream().filter(name -> !name.equals(Keys.L2)).findFirst();
  }

  /** Whether the penalty is tuned. */
  public boolean tunesL2() {
    return variables.contains(Keys.L2);
  }

  /** Where λ of that variable starts. */
  public double initialOf(String variable) {
    return initial.get(variables.indexOf(variable));
  }
}
