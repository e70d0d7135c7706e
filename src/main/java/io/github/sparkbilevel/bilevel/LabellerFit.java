package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.problem.fit.FitRows;
import io.github.sparkbilevel.problem.fit.PlainFits;
import io.github.sparkbilevel.problem.fit.Ridge;
import io.github.sparkbilevel.problem.pass.PassEngine;
import java.util.List;
import java.util.Optional;

/**
 * A classifier W and a labeller V, learned together by EM from labels of which a share π comes from
 * the labeller:
 *
 * <pre>
 *   p(given label b | a) = (1 − π) p_W(b | a) + π p_V(b | a)
 * </pre>
 *
 * <p>It is for wrong labels that follow from the features, such as those of a model that has seen
 * too little: a matrix by class cannot express them. W starts from a model that knows the trusted
 * rows, V from all rows as they are; a round shares the rows between both by their
 * responsibilities, and takes some Newton steps of both side by side. The trusted rows belong to W.
 *
 * <p>Where fits begin with a sample of the rows, so does EM; its last round is over all rows.
 *
 * <p>Cost: 1 pass for each sharing and those of the Newton steps.
 */
record LabellerFit(BlockKernel kernel, PassEngine engine, PlainModels.How how) {
  private static final int ROUNDS = 6;
  private static final int PASSES_OF_ROUND = 4;
  private static final int LAST_PASSES = 12;
  private static final double FIRST_SHARE = 0.5;

  /** The most passes of EM. */
  static int mostPasses() {
    return ROUNDS * (PASSES_OF_ROUND + 1) + LAST_PASSES;
  }

  /**
   * What EM ended with.
   *
   * @param theta of W
   * @param share π
   * @param logLikelihood mean of the given labels'
   */
  record Fitted(double[] theta, double share, double logLikelihood) {}

  /**
   * EM.
   *
   * @param guided a model that knows the trusted rows, where W starts
   * @param noisy the model of all training rows, where V starts
   */
  Fitted learn(double[] guided, double[] noisy) {
    Ridge penalty = Ridge.of(kernel.model(), how.l2());
    List<FitRows> fits = List.of(new FitRows.Whole(), new FitRows.Noisy());
    double[] theta = Vectors.join(guided, noisy);
    PlainFits.Mixture mixture = new PlainFits.Mixture(FIRST_SHARE, Double.NaN);
    int rounds = how.rounds(ROUNDS);
    Optional<PassEngine> sample = how.sample(engine);
    if (sample.isPresent()) {
      try (PlainFits few = new PlainFits(kernel, sample.get(), penalty, fits, List.of())) {
        for (; rounds > 1; rounds--) {
          mixture = few.share(theta, mixture.share());
          theta = how.goOn(few, theta, PASSES_OF_ROUND);
        }
      }
    }
    try (PlainFits objective = new PlainFits(kernel, engine, penalty, fits, List.of())) {
      for (int round = 1; round <= rounds; round++) {
        mixture = objective.share(theta, mixture.share());
        theta =
            round < rounds
                ? how.goOn(objective, theta, PASSES_OF_ROUND)
                : how.finish(objective, theta, LAST_PASSES);
      }
    }
    double[] w = Vectors.slice(theta, 0, kernel.model().size());
    return new Fitted(w, mixture.share(), mixture.logLikelihood());
  }
}
