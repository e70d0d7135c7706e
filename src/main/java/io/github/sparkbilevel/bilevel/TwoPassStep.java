package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.problem.oracle.BilevelOracle;
import io.github.sparkbilevel.problem.oracle.BilevelOracle.MixedProduct;
import io.github.sparkbilevel.problem.oracle.BilevelOracle.Query;
import io.github.sparkbilevel.problem.oracle.Evaluation;
import java.util.Optional;
import java.util.function.DoubleFunction;

/**
 * The driver's λ weighs rows, so that the hypergradient is a sum over them: 1 pass for the mixed
 * product, which also has G, and 1 for the evaluation at the new λ.
 *
 * @param rule how λ moves
 * @param system knows what the evaluation has to compute
 * @param folds which trusted rows make F
 */
record TwoPassStep(LambdaRule rule, NewtonSystem system, FoldRotation folds) implements UpperStep {

  @Override
  public DoubleFunction<Optional<Taken>> along(BilevelOracle oracle, Direction direction) {
    return length -> take(oracle, direction, length);
  }

  private Optional<Taken> take(BilevelOracle oracle, Direction direction, double length) {
    int k = direction.from().iteration() + 1;
    Evaluation point = direction.point();
    double[] theta = direction.theta(length);
    double[] u = direction.adjoint();
    MixedProduct mixed = oracle.mixedProduct(point, theta, u, folds.refreshAt(k));
    if (!(mixed.lowerObjective() <= direction.mostObjective())) {
      return Optional.empty();
    }
    double[] hypergradient = oracle.problem().hypergradient(mixed.values(), point.lambda());
    double[] lambda =
        rule.step(point.lambda(), hypergradient, direction.mostUpper(), direction.lag());
    Query query = Query.at(theta, lambda).along(u).over(folds.foldAt(k)).with(system.due());
    return Optional.of(new Taken(oracle.evaluate(query), Vectors.norm(hypergradient), length));
  }
}
