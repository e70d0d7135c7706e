package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.oracle.BilevelOracle;
import io.github.sparkbilevel.problem.oracle.BilevelOracle.Query;
import io.github.sparkbilevel.problem.oracle.Evaluation;
import io.github.sparkbilevel.problem.oracle.RowGradientNorms;
import io.github.sparkbilevel.problem.oracle.RowStep;
import io.github.sparkbilevel.problem.pass.PassLedger;
import java.util.Optional;
import java.util.function.DoubleFunction;

/**
 * λ lies beside the rows or tunes the penalty, so that the pass that evaluates at the new λ also
 * takes the step of the λ_i: 1 pass.
 *
 * @param rule how the driver's λ moves
 * @param system knows what the evaluation has to compute
 * @param settings length and bounds of the steps of the λ_i
 */
record OnePassStep(LambdaRule rule, NewtonSystem system, NboSettings settings)
    implements UpperStep {
  private static final double ROW_CLIP = 1;

  @Override
  public DoubleFunction<Optional<Taken>> along(BilevelOracle oracle, Direction direction) {
    RowStep rows = oracle.problem().hasExampleWeights() ? rowStep(oracle, direction) : null;
    return length -> take(oracle, direction, rows, length);
  }

  private RowStep rowStep(BilevelOracle oracle, Direction direction) {
    double scale = Math.max(norms(oracle, direction).rootMeanSquare(), 1e-300);
    return new RowStep(settings.rowStep(), scale, ROW_CLIP, settings.rowLow(), settings.rowHigh());
  }

  /** The scale of the step of the λ_i: the gradient that the iteration before found. */
  private static RowGradientNorms norms(BilevelOracle oracle, Direction direction) {
    if (direction.from().iteration() > 0) {
      return direction.point().rowGradient();
    }
    oracle.ledger().enter(PassLedger.Phase.WARM_UP);
    RowGradientNorms norms =
        oracle.mixedProduct(direction.point(), direction.theta(1), direction.adjoint()).rows();
    oracle.ledger().enter(PassLedger.Phase.OUTER);
    return norms;
  }

  private Optional<Taken> take(
      BilevelOracle oracle, Direction direction, RowStep rows, double length) {
    BilevelProblem problem = oracle.problem();
    Evaluation point = direction.point();
    double[] lambda = point.lambda();
    double[] theta = direction.theta(length);
    double[] u = direction.adjoint();
    double[] mixed = problem.penaltyMixedProduct(theta, u, lambda);
    double[] hypergradient = problem.hypergradient(mixed, lambda);
    LambdaRule.Proposal proposal =
        rule.propose(lambda, hypergradient, direction.mostUpper(), direction.lag());
    Query query = Query.at(theta, proposal.lambda()).along(u).from(point, rows);
    Evaluation next = oracle.evaluate(query.with(system.due()));
    if (!(next.lowerObjectiveAt(lambda) <= direction.mostObjective())) {
      next.release();
      return Optional.empty();
    }
    proposal.accept();
    double norm = Math.hypot(Vectors.norm(hypergradient), next.rowGradient().norm());
    return Optional.of(new Taken(next, norm, length));
  }
}
