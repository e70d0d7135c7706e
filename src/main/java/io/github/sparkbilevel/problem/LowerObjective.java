package io.github.sparkbilevel.problem;

import io.github.sparkbilevel.linalg.KroneckerFactors;
import io.github.sparkbilevel.linalg.LinearOperator;

/**
 * The lower objective θ ↦ G(θ, λ) at one λ, as solvers of the lower level see it.
 *
 * @param <P> what an evaluation knows
 */
public interface LowerObjective<P extends LowerObjective.Point> {

  /** Length of θ. */
  int size();

  /** A direction along which G is flat for every θ, or null: H is singular along it. */
  double[] nullDirection();

  /** The diagonal that the penalty adds to the Hessian, of length {@link #size()}. */
  double[] penaltyDiagonal();

  /** Evaluates; costs 1 pass. The caller releases what it gets. */
  P at(double[] theta, Extra extra);

  /** G and what is known of it at one θ. */
  interface Point {

    /** θ; not to be changed. */
    double[] theta();

    /** G. */
    double value();

    /** ∇_θ G; not to be changed. */
    double[] gradient();

    /** H + δI as an operator: each {@code applyAll} costs 1 pass. */
    LinearOperator hessian(double damping);

    /**
     * The Kronecker factors of the data part of H, if the evaluation was asked for them, or null.
     */
    KroneckerFactors factors();

    /**
     * H without damping, column-major, both triangles, if the evaluation was asked for it, or null.
     */
    double[] denseHessian();

    /** Frees what the evaluation keeps beside the rows. */
    void release();
  }
}
