package io.github.sparkbilevel.bilevel;

import static io.github.sparkbilevel.linalg.Vectors.plus;

import io.github.sparkbilevel.problem.oracle.Evaluation;
import io.github.sparkbilevel.problem.oracle.LowerObjective;
import io.github.sparkbilevel.problem.snapshot.Snapshot;
import io.github.sparkbilevel.problem.training.Trained;
import io.github.sparkbilevel.problem.training.Training;
import io.github.sparkbilevel.solve.ConjugateGradient.Solution;

/**
 * Passes of stochastic training, for a network. They may raise G on their way; a G that is not
 * finite is still refused.
 */
final class TrainingMove implements ThetaMove {
  private final Training training;
  private Trained trained;

  TrainingMove(Training training) {
    this.training = training;
  }

  @Override
  public double[][] rightHandSides(double[] gradient, double[] adjointResidual) {
    return new double[][] {adjointResidual};
  }

  @Override
  public double[] step(LowerObjective<Evaluation> lower, Evaluation point, Solution solved) {
    if (trained == null) {
      trained = Trained.from(point.theta(), 1, training);
    }
    trained = lower.trainAll(point, trained, training);
    return plus(point.theta(), -1, trained.theta());
  }

  @Override
  public double mostObjective(Evaluation point) {
    return Double.MAX_VALUE;
  }

  @Override
  public void save(Snapshot own) {
    if (trained != null) {
      trained.save(own.in("trained"));
    }
  }

  @Override
  public void restore(Snapshot own) {
    trained = own.has("trained.theta") ? Trained.restored(own.in("trained")) : null;
  }
}
