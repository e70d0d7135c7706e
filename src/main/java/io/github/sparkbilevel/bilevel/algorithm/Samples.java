package io.github.sparkbilevel.bilevel.algorithm;

import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.sampling.Draw;
import io.github.sparkbilevel.problem.sampling.SampleSource;
import io.github.sparkbilevel.problem.sampling.Sampled;

/** Draws, and steps on what they say: on the driver, or beside the rows of one partition. */
public class Samples {
  private final SampleSource source;
  private final StepSizes sizes;

  Samples(SampleSource source, StepSizes sizes) {
    this.source = source;
    this.sizes = sizes;
  }

  /** Lengths of steps. */
  public final StepSizes sizes() {
    return sizes;
  }

  /** T. */
  public final int lowerSteps() {
    return sizes.settings().inner().lowerSteps();
  }

  /** Q. */
  public final int linearSteps() {
    return sizes.settings().inner().linearSteps();
  }

  /** What is asked of the next sample; 1 pass. */
  public final Sampled draw(Draw draw) {
    return source.draw(draw);
  }

  /** T steps θ − η_k M⁻¹∇_θG(θ, λ); T passes. */
  public final double[] lowerSteps(double[] theta, double[] lambda, long k) {
    double[] next = theta;
    for (int t = 0; t < lowerSteps(); t++) {
      double[] g = draw(Draw.gradient(next, lambda)).lowerGradient();
      next = sizes.lower(next, g, lambda, k);
    }
    return next;
  }

  /** −∇²_λθG(θ, λ) · u; no pass for penalties, 1 otherwise. */
  public final double[] hypergradient(double[] theta, double[] u, double[] lambda) {
    BilevelProblem problem = sizes.problem();
    double[] mixed =
        problem.mixedProductNeedsPass()
            ? draw(Draw.products(theta, lambda, u)).mixedProduct()
            : problem.penaltyMixedProduct(theta, u, lambda);
    return Vectors.scaled(-1, mixed);
  }

  /** ∇_λG(θ, λ); no pass for penalties, 1 otherwise. */
  public final double[] lambdaGradient(double[] theta, double[] lambda) {
    return lambdaGradient(Draw.gradient(theta, lambda));
  }

  /** The same on the sample of the draw before. */
  public final double[] lambdaGradientOnSameSample(double[] theta, double[] lambda) {
    return lambdaGradient(Draw.gradient(theta, lambda).onSameSample());
  }

  private double[] lambdaGradient(Draw draw) {
    BilevelProblem problem = sizes.problem();
    return problem.mixedProductNeedsPass()
        ? draw(draw).lambdaGradient()
        : problem.penaltyLambdaGradient(draw.theta(), draw.lambda());
  }
}
