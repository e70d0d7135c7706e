package io.github.sparkbilevel.curvature;

import io.github.sparkbilevel.linalg.Preconditioner;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.oracle.Extra;
import io.github.sparkbilevel.problem.snapshot.Snapshot;
import java.util.Optional;

/**
 * A way to solve (H + δI) x = b: what one word of {@code solver.curvature} stands for.
 *
 * <p>Life cycle: one instance for each run. Before each evaluation ask {@link #requests}; at the
 * new point call {@link #prepare} or {@link #precondition} and use what they return at that point
 * only. What is expensive is kept from one point to the next, and saved with checkpoints.
 *
 * <p>To add a method, write one class and name it in {@code bilevel.Curvature}. A method that
 * preconditions conjugate gradients is a {@link PreconditionerSource} inside a {@link
 * PreconditionedCg}.
 */
public interface CurvatureMethod {

  /**
   * What the next evaluation has to compute in addition to value and gradient: nothing, unless
   * overridden.
   */
  default Extra requests() {
    return Extra.NONE;
  }

  /**
   * Prepares to solve systems with this matrix.
   *
   * @param mostProducts the products that the preparation and the solve may spend together; the
   *     preparation leaves at least one
   */
  Preparation<SystemSolver> prepare(DampedHessian h, int mostProducts);

  /**
   * A positive definite, linear approximation of the inverse, for a solver outside of this class;
   * the identity where the method has none. Counts as a solve.
   */
  Preparation<Preconditioner> precondition(DampedHessian h);

  /** Bytes that the method takes on the driver, in addition to the vectors of every solve. */
  long memory(BilevelProblem problem);

  /**
   * Why the method cannot work for the problem, as the rest of a sentence whose subject is the
   * method; empty when it can.
   */
  Optional<String> objection(BilevelProblem problem);

  /**
   * Whether enough products solve every system of every model to any tolerance. The other methods
   * are for networks only, for penalties with kinks only, or for comparison.
   */
  default boolean solvesEverySystem() {
    return false;
  }

  /** Whether the preparation may spend a product of its own. */
  default boolean takesProduct() {
    return false;
  }

  /**
   * Whether systems of objectives with kinks are solved on the working set alone, with H formed
   * there, while it is small; the other methods of this class are for where it is not.
   */
  default boolean formsWorkingSets() {
    return false;
  }

  /** Saves what is kept from one solve to the next: nothing, unless overridden. */
  default void save(Snapshot snapshot) {}

  /** Restores what {@link #save} wrote. */
  default void restore(Snapshot snapshot) {}
}
