package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.curvature.DenseSolver;
import io.github.sparkbilevel.curvature.KroneckerPreconditioner;
import io.github.sparkbilevel.linalg.LinearOperator;
import io.github.sparkbilevel.linalg.Preconditioner;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.problem.Extra;
import io.github.sparkbilevel.problem.LowerObjective;
import io.github.sparkbilevel.solve.ConjugateGradient;
import io.github.sparkbilevel.solve.Status;
import java.util.Arrays;

/**
 * Solves (H + δI) x = b for several right-hand sides at a point, by the curvature that was chosen.
 *
 * <p>Cost in passes: {@code cg} and {@code kfac-cg} the number of products, {@code exact} none
 * beside the evaluation that formed H. Kronecker factors are made anew every {@code refresh}
 * evaluations and serve in between.
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
    for (double[] b : rightHandSides) {
      if (!Vectors.isFinite(b)) {
        return unsolved(objective, rightHandSides, Status.NOT_FINITE);
      }
    }
    double[] hessian = curvature == Curvature.EXACT ? point.denseHessian() : null;
    if (hessian != null) {
      if (!Vectors.isFinite(hessian)) {
        return unsolved(objective, rightHandSides, Status.NOT_FINITE);
      }
      var solver =
          DenseSolver.factor(hessian, objective.size(), objective.nullDirection(), damping);
      if (solver.isEmpty()) {
        return unsolved(objective, rightHandSides, Status.NEGATIVE_CURVATURE);
      }
      double[][] x = new double[rightHandSides.length][];
      for (int c = 0; c < x.length; c++) {
        x[c] = solver.get().solve(rightHandSides[c]);
      }
      return new ConjugateGradient.Solution(x, Status.CONVERGED, 0, new double[x.length]);
    }
    if (point.factors() != null) {
      var factored =
          KroneckerPreconditioner.factor(point.factors(), objective.penaltyDiagonal(), damping);
      if (factored.isEmpty()) {
        return unsolved(objective, rightHandSides, Status.NOT_FINITE);
      }
      preconditioner = factored.get();
      sinceFactors = 0;
    }
    if (sinceFactors < Integer.MAX_VALUE) {
      sinceFactors++;
    }
    double[] flat = objective.nullDirection();
    LinearOperator h = point.hessian(damping);
    if (flat == null || damping > 0) {
      return cg.solve(h, rightHandSides, preconditioner);
    }
    Preconditioner m = preconditioner;
    return cg.solve(
        offFlat(h, flat),
        offFlat(rightHandSides, flat),
        r -> offFlat(m.solve(offFlat(r, flat)), flat));
  }

  private static ConjugateGradient.Solution unsolved(
      LowerObjective<?> objective, double[][] rightHandSides, Status status) {
    int columns = rightHandSides.length;
    return new ConjugateGradient.Solution(
        new double[columns][objective.size()], status, 0, new double[columns]);
  }

  /**
   * H away from a direction e that it does not see. There a residual is rounding and nothing else,
   * which M⁻¹ magnifies until the search directions are that and nothing else.
   */
  private static LinearOperator offFlat(LinearOperator h, double[] e) {
    return new LinearOperator() {
      @Override
      public int size() {
        return h.size();
      }

      @Override
      public double[][] applyAll(double[][] columns) {
        return offFlat(h.applyAll(columns), e);
      }
    };
  }

  private static double[][] offFlat(double[][] columns, double[] e) {
    double[][] result = new double[columns.length][];
    Arrays.setAll(result, c -> offFlat(columns[c], e));
    return result;
  }

  private static double[] offFlat(double[] x, double[] e) {
    return Vectors.plus(x, -Vectors.dot(e, x) / Vectors.dot(e, e), e);
  }
}
