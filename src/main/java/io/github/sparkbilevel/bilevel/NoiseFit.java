package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.model.Confusion;
import io.github.sparkbilevel.problem.fit.FitRows;
import io.github.sparkbilevel.problem.fit.NoiseEstimates;
import io.github.sparkbilevel.problem.fit.NoiseEstimates.Expected;
import io.github.sparkbilevel.problem.fit.PlainFits;
import io.github.sparkbilevel.problem.fit.Ridge;
import io.github.sparkbilevel.problem.pass.PassEngine;
import io.github.sparkbilevel.problem.sampling.Folds;
import io.github.sparkbilevel.solve.Status;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A classifier and how labels are confused, learned together by EM from labels that are wrong in
 * part: the model of Dawid and Skene (1979) with a classifier for prior.
 *
 * <p>A round has a maximisation, some Newton steps on −Σ ln Σ_k C_kl p_k(a; θ) of all models side
 * by side, and an expectation, the counts of posteriors, which make C. Counts come from models that
 * did not see the row: those of a model that did drift to the identity, since it has learned the
 * wrong labels. And they come at the temperature of the models that makes the given labels
 * likeliest: out-of-sample probabilities are too sure of themselves, which moves C in the same
 * direction.
 *
 * <p>Where fits begin with a sample of the rows, EM runs on it, and C comes from one expectation
 * over all rows in the end.
 *
 * <p>Cost: 1 pass for each expectation and those of the Newton steps.
 */
record NoiseFit(BlockKernel kernel, PassEngine engine, PlainModels.How how) {
  private static final int MOST_ROUNDS = 15;
  private static final double LEAST_CHANGE = 2e-3;
  private static final int PASSES_OF_ROUND = 8;
  private static final int PASSES_OF_FIT = 60;

  /** The most passes of EM and of the fit that ends it. */
  static int mostPasses() {
    return MOST_ROUNDS * (PASSES_OF_ROUND + 1) + PASSES_OF_FIT;
  }

  /**
   * What EM ended with.
   *
   * @param theta the model of all training rows and the trusted rows of the upper objective
   * @param temperature of the models without a fold
   * @param logLikelihood mean of the given labels' under models that did not see them
   * @param status {@code CONVERGED} where C moves no more, {@code BUDGET_SPENT} after the most
   *     rounds
   */
  record Fitted(
      double[] theta,
      Confusion confusion,
      double temperature,
      double logLikelihood,
      Status status) {

    /** The same with another model. */
    Fitted with(double[] other) {
      Status ended = Vectors.isFinite(other) ? status : Status.NOT_FINITE;
      return new Fitted(other, confusion, temperature, logLikelihood, ended);
    }
  }

  /**
   * EM.
   *
   * @param start one model for each fold, fitted without it, and last one of all rows
   * @param counts that make the first C, at [group][true class][given label]
   * @param trusted counts by the trusted rows, or null where there are none
   */
  Fitted learn(double[][] start, Folds folds, double[] counts, double[] trusted) {
    int classes = kernel.model().loss().classes();
    int d = kernel.model().size();
    Optional<PassEngine> sample = how.sample(engine);
    PassEngine rounds = sample.orElse(engine);
    NoiseEstimates estimates = new NoiseEstimates(kernel, rounds);
    Confusion confusion = NoiseCounts.confusion(classes, counts, trusted);
    double[] theta = Vectors.join(start);
    Expected expected = new Expected(counts, 1, Double.NaN);
    double change = 1;
    try (PlainFits objective = objective(rounds, rows(folds))) {
      for (int round = 0; round < MOST_ROUNDS && change > LEAST_CHANGE; round++) {
        theta = fit(objective, confusion, theta, PASSES_OF_ROUND);
        Expected next =
            estimates.expected(split(theta, folds), folds, confusion, expected.temperature());
        if (!Vectors.isFinite(next.counts())) {
          break;
        }
        expected = next;
        Confusion moved = NoiseCounts.confusion(classes, expected.counts(), trusted);
        change = Vectors.normInf(Vectors.plus(moved.matrices(), -1, confusion.matrices()));
        confusion = moved;
      }
    }
    if (sample.isPresent()) {
      // The models stay those of the sample: a row outside it is seen by none of them.
      expected =
          new NoiseEstimates(kernel, engine)
              .expected(split(theta, folds), folds, confusion, expected.temperature());
      confusion = NoiseCounts.confusion(classes, expected.counts(), trusted);
    }
    double[] last = fixed(confusion, Vectors.slice(theta, folds.count() * d, d));
    Status status = change > LEAST_CHANGE ? Status.BUDGET_SPENT : Status.CONVERGED;
    return new Fitted(theta, confusion, expected.temperature(), expected.logLikelihood(), status)
        .with(last);
  }

  /** The parameters of the models without each fold. */
  private static double[][] split(double[] theta, Folds folds) {
    double[][] models = new double[folds.count()][];
    int d = theta.length / (folds.count() + 1);
    Arrays.setAll(models, j -> Vectors.slice(theta, j * d, d));
    return models;
  }

  /** The model of all training rows and the trusted rows of the upper objective at a fixed C. */
  double[] fixed(Confusion confusion, double[] start) {
    List<FitRows> whole = List.of(new FitRows.Whole());
    double[] theta = start;
    Optional<PassEngine> sample = how.sample(engine);
    if (sample.isPresent()) {
      try (PlainFits few = objective(sample.get(), whole)) {
        few.assume(confusion);
        theta = how.goOn(few, theta, PASSES_OF_FIT);
      }
    }
    try (PlainFits objective = objective(engine, whole)) {
      objective.assume(confusion);
      return how.finish(objective, theta, PASSES_OF_FIT);
    }
  }

  /** The network of all training rows and the trusted rows of the upper objective, likewise. */
  double[] trained(Confusion confusion) {
    try (PlainFits objective = objective(engine, List.of(new FitRows.Whole()))) {
      objective.assume(confusion);
      double[] start = kernel.model().initial(how.seed());
      return how.fit(objective, start, PlainModels.LEAST_GRADIENT);
    }
  }

  private static List<FitRows> rows(Folds folds) {
    List<FitRows> fits = new ArrayList<>();
    for (int j = 0; j < folds.count(); j++) {
      fits.add(new FitRows.WithoutFold(folds, j));
    }
    fits.add(new FitRows.Whole());
    return fits;
  }

  private PlainFits objective(PassEngine over, List<FitRows> fits) {
    Ridge penalty = Ridge.of(kernel.model(), how.l2());
    return new PlainFits(kernel, over, penalty, fits, List.of());
  }

  private double[] fit(PlainFits objective, Confusion confusion, double[] start, int passes) {
    objective.assume(confusion);
    return how.goOn(objective, start, passes);
  }
}
