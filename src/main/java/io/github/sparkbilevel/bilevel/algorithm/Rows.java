package io.github.sparkbilevel.bilevel.algorithm;

import io.github.sparkbilevel.linalg.LinearOperator;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.problem.oracle.BilevelOracle;
import io.github.sparkbilevel.problem.oracle.BilevelOracle.Query;
import io.github.sparkbilevel.problem.oracle.Evaluation;
import io.github.sparkbilevel.problem.oracle.SampledPasses;
import io.github.sparkbilevel.problem.sampling.SampleSource;

/** Draws on the driver, evaluations of all rows, and Hessians that stay where they are. */
public final class Rows extends Samples {
  private final BilevelOracle oracle;
  private final SampledPasses passes;

  Rows(BilevelOracle oracle, SampledPasses passes, SampleSource source, StepSizes sizes) {
    super(source, sizes);
    this.oracle = oracle;
    this.passes = passes;
  }

  /** Iterations that each partition takes in one pass. */
  int localSteps() {
    return sizes().settings().sampling().localSteps();
  }

  SampledPasses passes() {
    return passes;
  }

  /** G, F and their gradients at θ, and Hu where u is given; 1 pass. The caller releases it. */
  public Evaluation evaluate(double[] theta, double[] u, double[] lambda) {
    return oracle.evaluate(Query.at(theta, lambda).along(u).over(passes.upper()));
  }

  /**
   * Q + 1 steps x + ρ M⁻¹(b − Hx) from x = 0, for several columns; Q passes, for the first step
   * needs no product. It is the Neumann series ρ Σ_{j ≤ Q} (I − ρ M⁻¹H)^j M⁻¹ b.
   */
  public double[][] linearSteps(LinearOperator h, double[] lambda, long k, double[]... b) {
    double[][] x = new double[b.length][];
    for (int c = 0; c < x.length; c++) {
      x[c] = sizes().linear(new double[h.size()], Vectors.scaled(-1, b[c]), lambda, k);
    }
    for (int q = 0; q < linearSteps(); q++) {
      double[][] images = h.applyAll(x);
      for (int c = 0; c < x.length; c++) {
        x[c] = sizes().linear(x[c], Vectors.plus(images[c], -1, b[c]), lambda, k);
      }
    }
    return x;
  }

  /** −∇²_λθG · u at θ and the λ of an evaluation; no pass for penalties, 1 otherwise. */
  public double[] hypergradient(Evaluation at, double[] theta, double[] u) {
    return oracle.problem().mixedProductNeedsPass()
        ? Vectors.scaled(-1, oracle.mixedProduct(at, theta, u).values())
        : hypergradient(theta, u, at.lambda());
  }
}
