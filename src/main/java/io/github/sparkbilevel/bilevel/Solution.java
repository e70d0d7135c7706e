package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.problem.oracle.Evaluation;
import io.github.sparkbilevel.problem.oracle.Tally;

/**
 * A λ, the model that it trains, and how well that does.
 *
 * @param lambda the driver's λ
 * @param theta θ*(λ)
 * @param upperObjective Φ(λ)
 * @param upper the validation rows at θ
 * @param test the test rows at θ
 */
public record Solution(
    double[] lambda, double[] theta, double upperObjective, Tally upper, Tally test) {

  /** What was evaluated at a θ that solves the lower level. */
  static Solution at(Evaluation point) {
    return new Solution(
        point.lambda(), point.theta(), point.upper().loss(), point.upper(), point.test());
  }

  /** The same without the model, for one that is not to be kept in memory. */
  Solution withoutModel() {
    return new Solution(lambda, null, upperObjective, upper, test);
  }
}
