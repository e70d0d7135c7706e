package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.problem.oracle.Evaluation;
import io.github.sparkbilevel.problem.oracle.LowerObjective;
import io.github.sparkbilevel.problem.snapshot.Snapshot;
import io.github.sparkbilevel.solve.ConjugateGradient.Solution;

/** How θ moves in an iteration of {@link Nbo}. */
interface ThetaMove {

  /**
   * The columns of the iteration's system, that of the adjoint last.
   *
   * @param gradient ∇_θG
   * @param adjointResidual H u − ∇_θF
   */
  double[][] rightHandSides(double[] gradient, double[] adjointResidual);

  /** v = θ − θ⁺ of the whole step. */
  double[] step(LowerObjective<Evaluation> lower, Evaluation point, Solution solved);

  /** The greatest G that a step may lead to. */
  double mostObjective(Evaluation point);

  /** Saves what is kept from one iteration to the next: nothing, unless overridden. */
  default void save(Snapshot own) {}

  /** Restores what {@link #save} wrote. */
  default void restore(Snapshot own) {}
}
