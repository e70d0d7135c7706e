package io.github.sparkbilevel.problem.oracle;

import io.github.sparkbilevel.problem.ExampleWeights;
import io.github.sparkbilevel.problem.UpperVariable;
import io.github.sparkbilevel.problem.WeightFunction;

/** Upper variables of an oracle. */
enum OracleUpper {
  NONE(UpperVariable.NONE),
  EXAMPLE_WEIGHTS(new ExampleWeights(0.5)),
  GROUP_WEIGHTS(WeightFunction.ofGroups(3)),
  WEIGHT_FUNCTION(new WeightFunction(WeightFunction.ALL_SCORES, 3));

  @SuppressWarnings("ImmutableEnumChecker") // Its kinds are records of numbers.
  final UpperVariable variable;

  OracleUpper(UpperVariable variable) {
    this.variable = variable;
  }
}
