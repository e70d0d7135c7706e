package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.problem.oracle.Evaluation;
import io.github.sparkbilevel.problem.snapshot.Snapshot;
import io.github.sparkbilevel.solve.Status;
import java.util.Arrays;

/**
 * Φ and ∇Φ at one λ, as exactly as was asked.
 *
 * @param evaluation at (θ, λ), with θ near θ*(λ); whoever holds the point releases it
 * @param adjoint u
 * @param adjointProduct H u without damping, or null with exact curvature
 * @param value Φ: F(θ) − ⟨u, ∇_θG⟩, which corrects F for what θ is off by, to first order
 * @param error |⟨u, ∇_θG⟩|, the size of that correction, or what it would be if its terms had no
 *     sign in common: a bound of what is left of the error
 * @param hypergradient ∇Φ
 * @param status how the lower level and the adjoint ended, whichever is worse
 * @param products Hessian products that it took
 */
record UpperPoint(
    Evaluation evaluation,
    double[] adjoint,
    double[] adjointProduct,
    double value,
    double error,
    double[] hypergradient,
    Status status,
    int products) {

  /** An error of more than this share of F is none to first order. */
  private static final double MOST_ERROR = 0.1;

  /** Coefficients of a model that are not 0. */
  private static final int LARGE = 1000;

  /** Whether θ is near enough to θ*(λ) for {@link #value} to mean anything. */
  boolean isSolved() {
    return error <= MOST_ERROR * Math.abs(evaluation.upper().loss());
  }

  /** Whether Φ costs so much here that it is evaluated no further than it has to be. */
  boolean hasLargeModels() {
    int models = evaluation.parts().size();
    return Arrays.stream(evaluation.theta()).filter(c -> c != 0).count() > LARGE * (long) models;
  }

  double[] lambda() {
    return evaluation.lambda();
  }

  void release() {
    evaluation.release();
  }

  /** Writes down all but the evaluation, which the oracle does. */
  void save(Snapshot snapshot) {
    snapshot.put("adjoint", adjoint);
    snapshot.put("adjointProduct", adjointProduct);
    snapshot.put("value", value);
    snapshot.put("error", error);
    snapshot.put("hypergradient", hypergradient);
    snapshot.putText("status", status::name);
    snapshot.put("products", products);
  }

  /** What {@link #save} wrote, with its evaluation. */
  static UpperPoint restored(Evaluation evaluation, Snapshot snapshot) {
    return new UpperPoint(
        evaluation,
        snapshot.numbers("adjoint"),
        snapshot.numbersOrNull("adjointProduct"),
        snapshot.number("value"),
        snapshot.number("error"),
        snapshot.numbers("hypergradient"),
        Status.valueOf(snapshot.text("status")),
        snapshot.integer("products"));
  }
}
