package io.github.sparkbilevel.bilevel.algorithm;

import io.github.sparkbilevel.problem.BilevelProblem;
import java.util.Optional;

/** An algorithm that reads all rows in every pass. */
public abstract class FullBatch extends BilevelAlgorithm {

  /**
   * One iteration.
   *
   * @param k iterations before
   */
  protected abstract AlgorithmState step(Rows on, AlgorithmState state, long k);

  @Override
  final AlgorithmState next(Rows on, AlgorithmState state, long k) {
    return step(on, state, k);
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
    return super.objection(problem, settings);
  }
}
