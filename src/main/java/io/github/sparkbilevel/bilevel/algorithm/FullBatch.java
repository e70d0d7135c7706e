package io.github.sparkbilevel.bilevel.algorithm;

import io.github.sparkbilevel.linalg.LinearOperator;
import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.problem.BilevelOracle;
import io.github.sparkbilevel.problem.BilevelOracle.Query;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.Evaluation;
import io.github.sparkbilevel.problem.PassLedger;
import io.github.sparkbilevel.problem.RowSampling;
import io.github.sparkbilevel.problem.SampledPasses;
import java.util.Optional;
import java.util.function.Predicate;

/** What algorithms that read all rows in every pass share. */
abstract class FullBatch implements BilevelAlgorithm {

  /** One iteration. */
  abstract AlgorithmState step(Rows on, AlgorithmState state, int k);

  /** Whether the algorithm steps along ∇F in θ, so that ‖∇²F‖ has to be known. */
  boolean stepsOnUpper() {
    return false;
  }

  @Override
  public Optional<String> objection(BilevelProblem problem, AlgorithmSettings settings) {
    AlgorithmSettings.Sampling sampling = settings.sampling();
    if (sampling.share() < 1 || sampling.localSteps() > 1) {
      return Optional.of(
          "the algorithm reads all rows in every pass, got a batch share of "
              + sampling.share()
              + " and "
              + sampling.localSteps()
              + " local steps; use a share of 1 and 1 step, or a stochastic algorithm such as"
              + " soba");
    }
    return Loop.objection(problem);
  }

  @Override
  public AlgorithmResult run(
      BilevelOracle oracle,
      AlgorithmState start,
      AlgorithmSettings settings,
      Predicate<Iterate> listener) {
    Loop.require(objection(oracle.problem(), settings));
    oracle.ledger().enter(PassLedger.Phase.WARM_UP);
    Evaluation probe = StepSizes.probe(oracle, start, false);
    SampledPasses passes = oracle.samples(RowSampling.all(), probe.upper().rows());
    StepSizes measured = StepSizes.measure(oracle.problem(), probe, settings, 0, 1);
    StepSizes sizes = stepsOnUpper() ? measured.withUpper(probe, passes) : measured;
    probe.release();
    Rows rows = new Rows(oracle, settings, sizes, passes);
    return Loop.run(
        oracle.ledger(),
        start,
        settings.iterations(),
        (state, k) -> step(rows, state, k),
        listener);
  }

  /** All rows in every draw, and Hessians that stay where they are. */
  static final class Rows extends Samples {
    private final BilevelOracle oracle;
    private final BilevelProblem problem;

    Rows(BilevelOracle oracle, AlgorithmSettings settings, StepSizes sizes, SampledPasses passes) {
      super(passes, sizes, settings.lowerSteps(), settings.linearSteps());
      this.oracle = oracle;
      this.problem = oracle.problem();
    }

    /** G, F and their gradients at θ, and Hu where u is given; 1 pass. The caller releases it. */
    Evaluation evaluate(double[] theta, double[] u, double[] lambda) {
      return oracle.evaluate(Query.at(theta, lambda).along(u));
    }

    /**
     * Q + 1 steps x + ρ M⁻¹(b − Hx) from x = 0, for several columns; Q passes, for the first step
     * needs no product. It is the Neumann series ρ Σ_{j ≤ Q} (I − ρ M⁻¹H)^j M⁻¹ b.
     */
    double[][] linearSteps(LinearOperator h, double[] lambda, int k, double[]... b) {
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
    double[] hypergradient(Evaluation at, double[] theta, double[] u) {
      return problem.mixedProductNeedsPass()
          ? Vectors.scaled(-1, oracle.mixedProduct(at, theta, u, -1).values())
          : hypergradient(theta, u, at.lambda());
    }
  }
}
