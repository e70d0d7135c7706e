package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.model.Model;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.fit.FitRows;
import io.github.sparkbilevel.problem.fit.PlainFits;
import io.github.sparkbilevel.problem.fit.Ridge;
import io.github.sparkbilevel.problem.oracle.Extra;
import io.github.sparkbilevel.problem.pass.PassEngine;
import io.github.sparkbilevel.problem.sampling.TrainingSample;
import io.github.sparkbilevel.problem.training.Trained;
import io.github.sparkbilevel.problem.training.Training;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Fits of plain models, and of the trusted rows in particular. */
public final class PlainModels {
  private static final double TOLERANCE = 1e-3;
  static final int MOST_PASSES = 200;
  private static final double ROUND_TOLERANCE = 1e-2;
  private static final int NETWORK_ROUNDS = 3;

  /** Of a gradient's entries, where nothing else says when a fit ends. */
  static final double LEAST_GRADIENT = 1e-12;

  private PlainModels() {}

  /** The linear model of all trusted rows. */
  public static double[] fitAll(BlockKernel kernel, PassEngine engine, double l2) {
    return new PlainFitter(kernel, engine, new How(l2, Curvature.CG, null, 0, 1))
        .fit(List.of(new FitRows.Trusted(null)), List.of(), null);
  }

  /** The network of all trusted rows. */
  public static double[] fitAll(
      BlockKernel kernel, PassEngine engine, double l2, Training training) {
    return new PlainFitter(kernel, engine, new How(l2, Curvature.CG, training, training.seed(), 1))
        .fit(List.of(new FitRows.Trusted(null)), List.of(), null);
  }

  /**
   * How plain models are fitted.
   *
   * <p>On many rows a linear model is fitted to a sample first. What is left of the way from there
   * is of the order of the sampling error, and one or two Newton steps over all rows go it.
   *
   * @param l2 their penalty
   * @param curvature of the Newton steps of linear models
   * @param training of networks; null for linear models
   * @param seed of the first weights of networks
   * @param first share of the training rows that linear models are fitted to first; 1 for all
   */
  record How(double l2, Curvature curvature, Training training, long seed, double first) {
    /** With so many rows for each parameter the sampling error of the loss is 5e-4 of its noise. */
    private static final long ROWS_PER_PARAMETER = 1000;

    /** A pass over fewer rows costs as much as one over so many. */
    private static final long LEAST_ROWS = 100_000;

    /** With less to gain, a sample of its own does not pay. */
    private static final double MOST = 0.25;

    /** How the plain models beside a run are fitted, of so many training rows. */
    static How of(CleaningSettings settings, long rows) {
      BilevelProblem problem = settings.problem();
      Training training = settings.networks() == null ? null : settings.networks().plain();
      Curvature curvature =
          !settings.sparse() && Curvature.KFAC_CG.fits(problem) ? Curvature.KFAC_CG : Curvature.CG;
      double first = first(rows, problem.model());
      return new How(settings.l2(), curvature, training, settings.seed(), first);
    }

    /** The share to begin with of so many training rows. */
    static double first(long rows, Model model) {
      long drawn = Math.max(LEAST_ROWS, ROWS_PER_PARAMETER * model.size());
      return model.isLinear() && drawn <= MOST * rows ? (double) drawn / rows : 1;
    }

    /** The engine over the sample to begin with; nothing where all rows are begun with. */
    Optional<PassEngine> sample(PassEngine engine) {
      return first < 1 ? Optional.of(engine.over(new TrainingSample(first))) : Optional.empty();
    }

    /** The rounds of EM, of which those of a network take much longer. */
    int rounds(int ofLinear) {
      return training == null ? ofLinear : Math.min(ofLinear, NETWORK_ROUNDS);
    }

    /** Fits several models from their first parameters to the end. */
    double[] fit(PlainFits objective, double[] start, double absoluteTolerance) {
      if (training != null) {
        Trained from = Trained.from(start, objective.models(), training);
        return objective.trainAll(null, from, training).theta();
      }
      return solve(objective, start, new LowerSolver(TOLERANCE, absoluteTolerance, MOST_PASSES));
    }

    /** Goes on with several models from where a round before left them. */
    double[] goOn(PlainFits objective, double[] start, int passes) {
      if (training != null) {
        Training half = training.passes((training.passes() + 1) / 2);
        Trained from = Trained.from(start, objective.models(), half);
        return objective.trainAll(null, from, half).theta();
      }
      return solve(objective, start, new LowerSolver(ROUND_TOLERANCE, LEAST_GRADIENT, passes));
    }

    /**
     * Goes on over all rows from where the sample left linear models, to within the sampling error
     * of all rows: the one of the sample is 1 / √share times as large.
     */
    double[] finish(PlainFits objective, double[] start, int passes) {
      return first < 1
          ? solve(objective, start, new LowerSolver(Math.sqrt(first), LEAST_GRADIENT, passes))
          : goOn(objective, start, passes);
    }

    private double[] solve(PlainFits objective, double[] start, LowerSolver solver) {
      NewtonSystem system = new NewtonSystem(curvature, 0, Integer.MAX_VALUE);
      PlainFits.Fitted fitted = solver.minimize(objective, start, system).point();
      fitted.release();
      return fitted.theta();
    }

    /**
     * The gradient, by its largest entry, at which linear models are fitted well enough, as a share
     * of the one at θ = 0; costs 1 pass.
     */
    double target(PlainFits objective) {
      PlainFits.Fitted zero = objective.at(new double[objective.size()], Extra.NONE);
      zero.release();
      return TOLERANCE * Vectors.normInf(zero.gradient());
    }
  }

  /**
   * Models without each fold of the trusted rows, and last the one of all of them, one after the
   * other.
   */
  static double[] fitFolds(BlockKernel kernel, PassEngine engine, How how, int folds) {
    return fitFolds(new PlainFitter(kernel, engine, how), folds);
  }

  /**
   * The same for linear models, which know the outputs of another one: see {@link Ridge}.
   *
   * @param known parameters of the other model
   */
  static double[] fitFolds(
      BlockKernel kernel, PassEngine engine, How how, int folds, double[] known) {
    return fitFolds(PlainFitter.along(kernel, engine, how, known), folds);
  }

  private static double[] fitFolds(PlainFitter fitter, int folds) {
    List<FitRows> fits = new ArrayList<>();
    for (int j = 0; j < folds; j++) {
      fits.add(new FitRows.Trusted(j));
    }
    fits.add(new FitRows.Trusted(null));
    return fitter.fit(fits, List.of(), null);
  }
}
