package io.github.sparkbilevel.problem.fit;

import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.model.Confusion;
import io.github.sparkbilevel.problem.pass.PassEngine;
import io.github.sparkbilevel.problem.sampling.Folds;
import java.util.Arrays;

/** What rows say of how their labels are confused: counts at [group][true class][given label]. */
public record NoiseEstimates(BlockKernel kernel, PassEngine engine) {
  /**
   * The confident joint of each group; costs 1 pass.
   *
   * @param confident what {@link Comparisons#confidentLearning} gave
   */
  public double[] confidentJoint(Judge confident, int groups) {
    return engine.run(new ConfidentJointPass(kernel, confident, groups), null, false).sums();
  }

  /**
   * The counts of gold loss correction, of one group: a class's sum to the weight of its trusted
   * rows; costs 1 pass.
   *
   * @param noisy the model of the noisy data
   */
  public double[] trustedMeans(double[] noisy) {
    return engine.run(new TrustedMeansPass(kernel, noisy), null, false).sums();
  }

  /**
   * An expectation of EM.
   *
   * @param counts at [group][true class][given label]
   * @param temperature of the models that makes the given labels likeliest; 1 / τ scales outputs
   * @param logLikelihood the mean of ln p(given label) at that temperature
   */
  public record Expected(double[] counts, double temperature, double logLikelihood) {}

  /**
   * The posterior counts at a C, from models that did not see the rows, and how these are
   * calibrated; costs 1 pass.
   *
   * @param withoutFold a model without each fold
   * @param temperature to use, one that was given before, or 1
   */
  public Expected expected(
      double[][] withoutFold, Folds folds, Confusion confusion, double temperature) {
    int used = Arrays.binarySearch(NoiseCountsPass.TEMPERATURES, temperature);
    if (used < 0) {
      throw new IllegalArgumentException(
          "got the temperature %s, expected one of %s"
              .formatted(temperature, Arrays.toString(NoiseCountsPass.TEMPERATURES)));
    }
    NoiseCountsPass pass = new NoiseCountsPass(kernel, withoutFold, folds, confusion, used);
    double[] sums = engine.run(pass, null, false).sums();
    int best = 0;
    for (int t = 1; t < NoiseCountsPass.TEMPERATURES.length; t++) {
      best = sums[pass.likelihoods() + t] > sums[pass.likelihoods() + best] ? t : best;
    }
    return new Expected(
        Vectors.slice(sums, 0, pass.likelihoods()),
        NoiseCountsPass.TEMPERATURES[best],
        sums[pass.likelihoods() + best] / sums[pass.weight()]);
  }
}
