package io.github.sparkbilevel.curvature;

import io.github.sparkbilevel.linalg.Preconditioner;
import io.github.sparkbilevel.linalg.Support;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.oracle.Extra;
import io.github.sparkbilevel.solve.ConjugateGradient.Solution;
import io.github.sparkbilevel.solve.Status;
import java.util.Arrays;
import java.util.Optional;

/**
 * H, formed in the pass that evaluates, and factored on the driver: no product. At a point where H
 * was not formed, conjugate gradients.
 */
public final class ExactInverse implements CurvatureMethod {
  /** The largest number of parameters whose Hessian is formed. */
  private static final int MOST_PARAMETERS = 4096;

  /** Of the mean of the diagonal of H. */
  private static final double SMALL = 1e-8;

  private final CurvatureMethod withoutMatrix = new PreconditionedCg(new NoPreconditioner());

  @Override
  public Extra requests() {
    return Extra.HESSIAN;
  }

  @Override
  public Preparation<SystemSolver> prepare(DampedHessian h, int mostProducts) {
    double[] hessian = h.point().denseHessian();
    if (hessian == null) {
      return withoutMatrix.prepare(h, mostProducts);
    }
    if (!Vectors.isFinite(hessian)) {
      return Preparation.failed(Status.NOT_FINITE);
    }
    Optional<DenseSolver> inverse =
        factor(hessian, h, h.damping())
            .or(() -> h.isOnTheWay() ? factor(hessian, h, small(hessian, h)) : Optional.empty());
    return inverse.isPresent()
        ? Preparation.ready((b, tolerances, most) -> solve(inverse.get(), h.support(), b))
        : Preparation.failed(Status.NEGATIVE_CURVATURE);
  }

  private static Optional<DenseSolver> factor(double[] hessian, DampedHessian h, double damping) {
    return DenseSolver.factor(
        hessian, h.support(), h.curvature(), h.objective().nullDirection(), damping);
  }

  /**
   * A damping for coefficients that leave 0: H may be singular in them, as along a shift of the
   * coefficients of a feature in all classes, where the kinks of the solution leave no freedom.
   */
  private static double small(double[] hessian, DampedHessian h) {
    double trace = 0;
    for (int j = 0; j < h.size(); j++) {
      trace += hessian[j + j * h.size()];
    }
    return h.damping() + SMALL * trace / h.size();
  }

  private static Solution solve(DenseSolver inverse, Support support, double[][] b) {
    double[][] x = new double[b.length][];
    Arrays.setAll(x, c -> support.scatter(inverse.solve(support.gather(b[c]))));
    double[][] remainders = new double[b.length][b[0].length];
    return new Solution(x, Status.CONVERGED, 0, new double[b.length], remainders);
  }

  /** Raises δ tenfold until H + δI is positive definite. */
  @Override
  public Preparation<Preconditioner> precondition(DampedHessian h) {
    double[] hessian = h.point().denseHessian();
    if (hessian == null) {
      return withoutMatrix.precondition(h);
    }
    if (!Vectors.isFinite(hessian)) {
      return Preparation.failed(Status.NOT_FINITE);
    }
    Optional<DenseSolver> inverse = Optional.empty();
    for (double damping = h.damping(); inverse.isEmpty(); damping *= 10) {
      inverse = factor(hessian, h, damping);
    }
    return Preparation.ready(inverse.get());
  }

  /** H and its factor. */
  @Override
  public long memory(BilevelProblem problem) {
    long d = problem.model().size();
    return 16 * d * d;
  }

  @Override
  public Optional<String> objection(BilevelProblem problem) {
    int d = problem.model().size();
    return d <= MOST_PARAMETERS
        ? Optional.empty()
        : Optional.of(
            "would form a %,d x %<,d matrix of %s; expected at most %,d parameters; use curvature = %s"
                .formatted(
                    d,
                    DriverMemory.text(8L * d * d),
                    MOST_PARAMETERS,
                    problem.model().isLinear() ? "jacobi-cg or cg" : "kfac-cg or cg"));
  }

  @Override
  public boolean solvesEverySystem() {
    return true;
  }
}
