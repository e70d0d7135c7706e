package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.problem.oracle.Evaluation;
import io.github.sparkbilevel.problem.oracle.LowerObjective;
import io.github.sparkbilevel.solve.ConjugateGradient.Solution;

/** A Newton step, solved for in the same products as the adjoint; it must not raise G. */
final class NewtonMove implements ThetaMove {
  private static final double TOLERATED_RISE = 1e-5;

  @Override
  public double[][] rightHandSides(double[] gradient, double[] adjointResidual) {
    return new double[][] {gradient, adjointResidual};
  }

  @Override
  public double[] step(LowerObjective<Evaluation> lower, Evaluation point, Solution solved) {
    return solved.columns()[0];
  }

  @Override
  public double mostObjective(Evaluation point) {
    return point.value() + TOLERATED_RISE * Math.abs(point.value());
  }
}
