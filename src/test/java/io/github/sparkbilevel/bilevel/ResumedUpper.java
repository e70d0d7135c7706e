package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.model.Confusion;
import io.github.sparkbilevel.model.Model;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.ExampleWeights;
import io.github.sparkbilevel.problem.NoiseModel;
import io.github.sparkbilevel.problem.Penalty;
import io.github.sparkbilevel.problem.UpperVariable;
import io.github.sparkbilevel.problem.WeightFunction;

/** Upper variables of runs that are resumed. */
enum ResumedUpper {
  WEIGHT_FUNCTION(new WeightFunction(WeightFunction.ALL_SCORES, 0), false),
  WEIGHT_FUNCTION_OF_GROUPS_AND_L2(new WeightFunction(WeightFunction.ALL_SCORES, 4), true),
  GROUP_WEIGHTS(WeightFunction.ofGroups(4), false),
  NOISE_MODEL(new NoiseModel(Confusion.ofCounts(4, new double[16])), false),
  EXAMPLE_WEIGHTS(new ExampleWeights(1), false),
  EXAMPLE_WEIGHTS_AND_L2(new ExampleWeights(1), true);

  @SuppressWarnings("ImmutableEnumChecker") // Its kinds are records of numbers.
  final UpperVariable variable;

  final boolean tunesPenalty;

  ResumedUpper(UpperVariable variable, boolean tunesPenalty) {
    this.variable = variable;
    this.tunesPenalty = tunesPenalty;
  }

  boolean isScored() {
    return variable.logOdds() > 0;
  }

  BilevelProblem problem(Model model) {
    return new BilevelProblem(
        model,
        variable,
        tunesPenalty ? Penalty.tuned(model, false) : Penalty.fixed(model, 0.01, false));
  }
}
