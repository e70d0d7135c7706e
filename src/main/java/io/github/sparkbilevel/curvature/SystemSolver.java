package io.github.sparkbilevel.curvature;

import io.github.sparkbilevel.solve.ConjugateGradient.Solution;

/** Solves (H + δI) x = b for several right-hand sides at the point that it was prepared for. */
@FunctionalInterface
public interface SystemSolver {

  /**
   * Solves; costs a pass for each product of the solution. No argument is changed.
   *
   * @param tolerances one for each right-hand side, relative to it
   * @param mostProducts the most products
   */
  Solution solve(double[][] rightHandSides, double[] tolerances, int mostProducts);
}
