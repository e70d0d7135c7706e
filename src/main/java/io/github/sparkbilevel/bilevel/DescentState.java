package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.problem.oracle.Evaluation;
import io.github.sparkbilevel.problem.oracle.Tally;

/**
 * Where {@link Descent} stands.
 *
 * @param at Φ and ∇Φ at λ
 * @param accuracy the error of Φ that is allowed from now on, relative to Φ
 * @param products Hessian products so far
 */
record DescentState(int iteration, UpperPoint at, double accuracy, int products)
    implements OuterState {

  @Override
  public Evaluation point() {
    return at.evaluation();
  }

  /** Φ in place of F. */
  @Override
  public Tally upper() {
    Tally upper = point().upper();
    return new Tally(at.value(), upper.accuracy(), upper.standardError(), upper.rows());
  }

  @Override
  public double[] shownLambda() {
    double[] lambda = at.lambda();
    return lambda.length > Tuning.MOST_KEPT ? new double[0] : lambda.clone();
  }

  DescentState plus(int moreProducts) {
    return new DescentState(iteration, at, accuracy, products + moreProducts);
  }
}
