package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.curvature.CurvatureMethod;
import io.github.sparkbilevel.curvature.CurvatureSettings;
import io.github.sparkbilevel.curvature.DampedHessian;
import io.github.sparkbilevel.curvature.KroneckerSettings;
import io.github.sparkbilevel.curvature.Preparation;
import io.github.sparkbilevel.curvature.SystemSolver;
import io.github.sparkbilevel.linalg.Preconditioner;
import io.github.sparkbilevel.linalg.Support;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.problem.oracle.Extra;
import io.github.sparkbilevel.problem.oracle.LowerObjective;
import io.github.sparkbilevel.problem.snapshot.Snapshot;
import io.github.sparkbilevel.solve.ConjugateGradient;
import io.github.sparkbilevel.solve.ConjugateGradient.Solution;
import io.github.sparkbilevel.solve.Status;
import java.util.Arrays;
import java.util.Optional;

/**
 * The systems (H + δI) x = b of a run: its curvature method and its damping δ.
 *
 * <p>Cost in passes: the number of products, those of preparations included.
 */
final class NewtonSystem {
  private final CurvatureMethod method;
  private double damping;

  /** Where a working set was asked for last, and what there was. */
  private LowerObjective.Point formedAt;

  private Optional<WorkingSet> formed = Optional.empty();

  NewtonSystem(Curvature curvature, double damping, int refresh) {
    this(curvature, damping, refresh, Curvature.SKETCH_COLUMNS);
  }

  NewtonSystem(Curvature curvature, double damping, int refresh, int sketchColumns) {
    this(
        curvature,
        damping,
        new CurvatureSettings(refresh, sketchColumns, KroneckerSettings.DEFAULT));
  }

  NewtonSystem(Curvature curvature, double damping, CurvatureSettings settings) {
    this(curvature.method(settings), damping);
  }

  NewtonSystem(CurvatureMethod method, double damping) {
    this.method = method;
    this.damping = damping;
  }

  /** δ. */
  double damping() {
    return damping;
  }

  /** Whether there are working sets where G has kinks, unless they are too large. */
  boolean formsWorkingSets() {
    return method.formsWorkingSets();
  }

  /** What the next evaluation has to compute in addition to value and gradient. */
  Extra due() {
    return method.requests();
  }

  /** Solves each right-hand side to the tolerance of {@code cg}, with at most its products. */
  Solution solve(
      LowerObjective<?> objective,
      LowerObjective.Point point,
      double[][] rightHandSides,
      ConjugateGradient cg) {
    double[] tolerances = new double[rightHandSides.length];
    Arrays.fill(tolerances, cg.tolerance());
    return solve(objective, point, rightHandSides, tolerances, cg.maxProducts());
  }

  /**
   * Solves each right-hand side to a relative tolerance of its own, where G has kinks on the {@link
   * LowerObjective#working} coordinates.
   */
  Solution solve(
      LowerObjective<?> objective,
      LowerObjective.Point point,
      double[][] rightHandSides,
      double[] tolerances,
      int mostProducts) {
    for (double[] b : rightHandSides) {
      if (!Vectors.isFinite(b)) {
        return Solution.unsolved(objective.size(), rightHandSides, Status.NOT_FINITE);
      }
    }
    Formed few = workingSet(objective, point);
    if (few.set().isPresent()) {
      int left = mostProducts - few.passes();
      return few.set().get().solve(rightHandSides, tolerances, left).after(few.passes());
    }
    if (Parts.areFormed(point)) {
      return Parts.joined(
          Parts.each(
              objective,
              point,
              rightHandSides,
              (part, at, own) -> solve(part, at, own, tolerances, mostProducts)));
    }
    Support support = objective.working(point);
    if (support.count() == 0) {
      double[][] zeros = new double[rightHandSides.length][objective.size()];
      double[] residuals = new double[rightHandSides.length];
      return new Solution(zeros, Status.CONVERGED, 0, residuals, zeros);
    }
    Preparation<SystemSolver> prepared =
        method.prepare(new DampedHessian(objective, point, damping, support), mostProducts);
    if (prepared instanceof Preparation.Failed<SystemSolver> failed) {
      return Solution.unsolved(objective.size(), rightHandSides, failed.status());
    }
    var ready = (Preparation.Ready<SystemSolver>) prepared;
    return ready
        .value()
        .solve(support.of(rightHandSides), tolerances, mostProducts - ready.products())
        .after(ready.products());
  }

  /**
   * A working set at a point, if the method forms any and it is not too large.
   *
   * @param passes that it took this time
   */
  record Formed(Optional<WorkingSet> set, int passes) {}

  /** The working set at a point; a point that was asked for last costs nothing. */
  Formed workingSet(LowerObjective<?> objective, LowerObjective.Point point) {
    if (!method.formsWorkingSets()) {
      return new Formed(Optional.empty(), 0);
    }
    boolean known = point == formedAt;
    if (!known) {
      formedAt = point;
      formed = WorkingSet.form(objective, point, damping);
    }
    return new Formed(formed, known || formed.isEmpty() ? 0 : 1);
  }

  /**
   * A positive definite, linear approximation of (H + dI)⁻¹, for steps that are solved elsewhere.
   *
   * @param d takes the place of δ
   */
  Preparation<Preconditioner> precondition(
      LowerObjective<?> objective, LowerObjective.Point point, double d) {
    Support all = Support.all(objective.size());
    return method.precondition(new DampedHessian(objective, point, d, all));
  }

  /** Saves what is kept from one solve to the next. */
  void save(Snapshot snapshot) {
    snapshot.put("damping", damping);
    method.save(snapshot);
  }

  /** Restores what {@link #save} wrote. */
  void restore(Snapshot snapshot) {
    damping = snapshot.number("damping");
    method.restore(snapshot);
  }
}
