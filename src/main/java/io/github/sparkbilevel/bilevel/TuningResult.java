package io.github.sparkbilevel.bilevel;

/**
 * What a tuning run found.
 *
 * @param best λ of the best iterate, with θ*(λ) solved once more where it was not
 * @param evaluations how often Φ was evaluated; NBO evaluates it in every iteration, inexactly
 * @param products Hessian products spent
 * @param course of the run
 */
public record TuningResult(Solution best, int evaluations, int products, OuterCourse course) {

  /** The driver's λ of the best iterate. */
  public double[] lambda() {
    return best.lambda();
  }

  /** θ*(λ). */
  public double[] theta() {
    return best.theta();
  }
}
