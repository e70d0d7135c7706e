package io.github.sparkbilevel.ml.prepare;

import io.github.sparkbilevel.data.FeatureGroups;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.UpperVariable;
import io.github.sparkbilevel.problem.UpperVariableProvider;
import io.github.sparkbilevel.problem.UpperVariableProvider.Kind;
import java.util.Arrays;
import java.util.List;

/**
 * What the upper level tunes, and where it starts.
 *
 * @param variables one of each kind at most, the weights first
 * @param groups the groups of the features for variables that need them, otherwise null
 */
public record UpperLevel(List<Start> variables, FeatureGroups groups) {

  /** Where a variable starts, in λ. */
  public record Start(UpperVariableProvider variable, double lambda) {}

  /** Nothing is tuned. */
  public static UpperLevel fixed() {
    return new UpperLevel(List.of(), null);
  }

  /** The kind of weights, or null. */
  public UpperVariableProvider weights() {
    return variables.stream()
        .map(Start::variable)
        .filter(variable -> variable.kind() == Kind.WEIGHTS)
        .findFirst()
        .orElse(null);
  }

  /** Whether a variable is of that kind. */
  public boolean has(Kind kind) {
    return variables.stream().anyMatch(start -> start.variable().kind() == kind);
  }

  /** The variable that an entry of the driver's λ is of. */
  public UpperVariableProvider of(BilevelProblem problem, int entry) {
    int end = 0;
    for (int i = 0; i < variables.size(); i++) {
      end += problem.variables().get(i).size();
      if (entry < end) {
        return variables.get(i).variable();
      }
    }
    throw new IndexOutOfBoundsException(entry);
  }

  /** λ of a variable of the problem at the start; that of one which is not tuned is empty. */
  double start(BilevelProblem problem, UpperVariable variable) {
    int i = problem.variables().indexOf(variable);
    return i < variables.size() ? variables.get(i).lambda() : 0;
  }

  /**
   * The least and the greatest value of each entry of the driver's λ.
   *
   * @param told what the user says for all of them; empty for what is usual
   */
  public double[][] bounds(BilevelProblem problem, double[] told) {
    double[][] bounds = new double[2][problem.sharedSize()];
    int from = 0;
    for (int i = 0; i < variables.size(); i++) {
      double[] usual = told.length > 0 ? told : variables.get(i).variable().bounds();
      int to = from + problem.variables().get(i).size();
      Arrays.fill(bounds[0], from, to, usual[0]);
      Arrays.fill(bounds[1], from, to, usual[1]);
      from = to;
    }
    problem.narrow(bounds[0], bounds[1]);
    return bounds;
  }
}
