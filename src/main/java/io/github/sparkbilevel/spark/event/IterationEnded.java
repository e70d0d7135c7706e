package io.github.sparkbilevel.spark.event;

/**
 * An outer iteration is done; iteration 0 is the point after the warm-up.
 *
 * @param seconds since the solve began
 * @param figures what is known of the new point
 * @param cost what the run has spent so far, in all its phases
 */
public record IterationEnded(String run, int iteration, double seconds, Figures figures, Cost cost)
    implements RunEvent {

  /**
   * Of a point (θ, λ). Not a number where there is nothing to take it from.
   *
   * @param upperObjective F
   * @param heldOutObjective the loss of the trusted rows held out
   * @param lowerObjective G
   * @param lowerGradientNorm ‖∇_θ G‖
   * @param hypergradientNorm ‖∇Φ‖
   */
  public record Figures(
      double upperObjective,
      double heldOutObjective,
      double lowerObjective,
      double lowerGradientNorm,
      double hypergradientNorm) {}

  /**
   * What was spent.
   *
   * @param passes all of them
   * @param gradients over all rows or over a sample; passes that fit or score plain models, or
   *     train networks, count as passes alone
   * @param products Hessian products, in columns; likewise
   * @param rows rows read, once for each pass; likewise
   */
  public record Cost(int passes, long gradients, long products, long rows) {}
}
