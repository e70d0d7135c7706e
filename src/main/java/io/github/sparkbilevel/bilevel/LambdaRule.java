package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.problem.Snapshot;

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
   * @param upper F(θ) at the θ that follows λ
   */
  Proposal propose(double[] lambda, double[] hypergradient, double upper);

  /** The step from λ, taken at once. */
  default double[] step(double[] lambda, double[] hypergradient, double upper) {
    Proposal proposal = propose(lambda, hypergradient, upper);
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
