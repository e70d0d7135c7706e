package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.problem.snapshot.Snapshot;

/**
 * How the driver's part of λ moves along the hypergradient.
 *
 * <p>Life cycle: one rule for each run. {@link #propose} may be called several times for an
 * iteration, of which the proposal that the iteration takes is accepted; the rule remembers
 * accepted ones only.
 */
public interface LambdaRule {

  /**
   * The step from λ for the hypergradient there; no argument is changed.
   *
   * @param upper what Φ(λ) is at most, as far as θ tells that follows λ
   * @param lag ‖∇_θF − H u‖ / ‖∇_θF‖ of the adjoint u that an earlier λ left; above 1 it was
   *     further off than none
   */
  Proposal propose(double[] lambda, double[] hypergradient, double upper, double lag);

  /** The step from λ, taken at once. */
  default double[] step(double[] lambda, double[] hypergradient, double upper, double lag) {
    Proposal proposal = propose(lambda, hypergradient, upper, lag);
    proposal.accept();
    return proposal.lambda();
  }

  /** Writes down what the rule remembers: nothing, unless it says otherwise. */
  default void save(Snapshot snapshot) {}

  /** Remembers what {@link #save} wrote. */
  default void restore(Snapshot snapshot) {}

  /** A step that may be taken. */
  interface Proposal {

    /** λ⁺. */
    double[] lambda();

    /** Tells the rule that the step was taken. */
    void accept();
  }
}
