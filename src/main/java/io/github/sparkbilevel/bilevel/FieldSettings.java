package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.bilevel.algorithm.AlgorithmSettings;
import io.github.sparkbilevel.bilevel.algorithm.AlgorithmSettings.Bounds;
import io.github.sparkbilevel.bilevel.algorithm.AlgorithmSettings.Sampling;
import io.github.sparkbilevel.bilevel.algorithm.AlgorithmSettings.Steps;
import io.github.sparkbilevel.bilevel.algorithm.BilevelAlgorithm;
import io.github.sparkbilevel.bilevel.algorithm.NamedAlgorithm;
import io.github.sparkbilevel.bilevel.algorithm.UpperRule;

/**
 * The algorithm of the field that takes the place of {@link Nbo}. Its draws read the share of the
 * rows that it is made for, but no fewer than a thousand: samples of a small table are mostly
 * noise.
 *
 * @param contender its name and options
 * @param seed of its draws
 */
public record FieldSettings(Contender contender, long seed) {

  private static final double LEAST_ROWS = 1000;

  /**
   * Length of λ's first steps where θ and u take one step with it: some ten of them make an outer
   * iteration, and λ must not outrun θ.
   */
  private static final double ONE_LOOP_STEP = 0.06;

  BilevelAlgorithm algorithm() {
    return NamedAlgorithm.of(contender.algorithm()).create();
  }

  /**
   * The settings for a table.
   *
   * @param rows n, the number of training rows
   */
  AlgorithmSettings settings(int iterations, Bounds bounds, long rows) {
    AlgorithmSettings usual = contender.settings(iterations, bounds, seed);
    Steps steps = usual.steps();
    UpperRule upper = steps.upper();
    if (!contender.options().containsKey("step")) {
      double length = usual.inner().lowerSteps() == 1 ? ONE_LOOP_STEP : Adam.DRIVER_STEP;
      upper = new UpperRule(upper.kind(), length, upper.decay());
    }
    Sampling sampling = usual.sampling();
    double share = Math.min(1, LEAST_ROWS / rows);
    if (sampling.share() > share || contender.options().containsKey("share")) {
      share = sampling.share();
    }
    double decay = share < 1 ? steps.decay() : 0;
    return usual
        .steps(new Steps(steps.lower(), steps.linear(), decay, upper))
        .sampling(new Sampling(share, sampling.localSteps(), sampling.seed()));
  }
}
