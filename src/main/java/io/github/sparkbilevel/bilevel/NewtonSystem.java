package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.curvature.DenseSolver;
import io.github.sparkbilevel.curvature.KroneckerPreconditioner;
import io.github.sparkbilevel.linalg.Preconditioner;
import io.github.sparkbilevel.problem.Extra;
import io.github.sparkbilevel.problem.LowerObjective;
import io.github.sparkbilevel.solve.ConjugateGradient;
import io.github.sparkbilevel.solve.Status;

/**
 * Solves (H + δI) x = b for several right-hand sides at a point, by the curvature that was chosen.
 *
 * <p>Cost in passes: {@code cg} and {@code kfac-cg} the number of products, {@code exact} none beside
 * the evaluation that formed H. Kronecker factors are made anew every {@code refresh} evaluations and
 * serve in between.
 */
final class NewtonSystem {
  private final Curvature curvature;
  private final double damping;
  private final int refresh;
  private Preconditioner preconditioner = Preconditioner.identity();
  private int sinceFactors = Integer.MAX_VALUE;

  NewtonSystem(Curvature curvature, double damping, int refresh) {
    this.curvature = curvature;
    this.damping = damping;
    this.refresh = refresh;
  }

  /** What the next evaluation has to compute beside. */
  Extra due() {
    return switch (curvature) {
      case CG -> Extra.NONE;
      case EXACT -> Extra.HESSIAN;
      case KFAC_CG -> sinceFactors >= refresh ? Extra.KRONECKER : Extra.NONE;
    };
  }

  ConjugateGradient.Solution solve(
      LowerObjective<?> objective,
      LowerObjective.Point point,
      double[][] rightHandSides,
      ConjugateGradient cg) {
    if (curvature == Curvature.EXACT && point.denseHessian() != null) {
      var solver =
          DenseSolver.factor(
              point.denseHessian(), objective.size(), objective.nullDirection(), damping);
      if (solver.isEmpty()) {
        return new ConjugateGradient.Solution(
            new double[rightHandSides.length][objective.size()],
            Status.NEGATIVE_CURVATURE,
            0,
            new double[rightHandSides.length]);
      }
      double[][] x = new double[rightHandSides.length][];
      for (int c = 0; c < x.length; c++) {
        x[c] = solver.get().solve(rightHandSides[c]);
      }
      return new ConjugateGradient.Solution(x, Status.CONVERGED, 0, new double[x.length]);
    }
    if (point.factors() != null) {
      preconditioner =
          new KroneckerPreconditioner(point.factors(), objective.penaltyDiagonal(), damping);
      sinceFactors = 0;
    }
    if (sinceFactors < Integer.MAX_VALUE) {
      sinceFactors++;
    }
    return cg.solve(point.hessian(damping), rightHandSides, preconditioner);
  }
}
