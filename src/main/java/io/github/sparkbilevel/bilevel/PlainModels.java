package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.problem.Penalty;
import io.github.sparkbilevel.problem.fit.FitRows;
import io.github.sparkbilevel.problem.fit.Judge;
import io.github.sparkbilevel.problem.fit.PlainFits;
import io.github.sparkbilevel.problem.pass.PassEngine;
import io.github.sparkbilevel.problem.training.Trained;
import io.github.sparkbilevel.problem.training.Training;
import java.util.ArrayList;
import java.util.List;

/** Fits of plain models, and of the trusted rows in particular. */
public final class PlainModels {
  private static final double TOLERANCE = 1e-3;
  private static final int MOST_PASSES = 200;
  private static final double ROUND_TOLERANCE = 1e-2;
  private static final int NETWORK_ROUNDS = 3;

  private PlainModels() {}

  /** The linear model of all trusted rows. */
  public static double[] fitAll(BlockKernel kernel, PassEngine engine, double l2) {
    return fit(
        kernel,
        engine,
        new How(l2, Curvature.CG, null, 0),
        List.of(new FitRows.Trusted(null)),
        List.of(),
        null);
  }

  /** The network of all trusted rows. */
  public static double[] fitAll(
      BlockKernel kernel, PassEngine engine, double l2, Training training) {
    return fit(
        kernel,
        engine,
        new How(l2, Curvature.CG, training, training.seed()),
        List.of(new FitRows.Trusted(null)),
        List.of(),
        null);
  }

  /**
   * How plain models are fitted.
   *
   * @param l2 their penalty
   * @param curvature of the Newton steps of linear models
   * @param training of networks; null for linear models
   * @param seed of the first weights of networks
   */
  record How(double l2, Curvature curvature, Training training, long seed) {

    /** The rounds of EM, of which those of a network take much longer. */
    int rounds(int ofLinear) {
      return training == null ? ofLinear : Math.min(ofLinear, NETWORK_ROUNDS);
    }

    /** Fits several models from their first parameters to the end. */
    double[] fit(PlainFits objective, double[] start) {
      if (training != null) {
        Trained from = Trained.from(start, objective.models(), training);
        return objective.trainAll(null, from, training).theta();
      }
      PlainFits.Fitted fitted =
          new LowerSolver(TOLERANCE, 1e-12, MOST_PASSES)
              .minimize(objective, start, new NewtonSystem(curvature, 0, Integer.MAX_VALUE))
              .point();
      fitted.release();
      return fitted.theta();
    }

    /** Goes on with several models from where a round before left them. */
    double[] goOn(PlainFits objective, double[] start, int passes) {
      if (training != null) {
        Training half = training.passes((training.passes() + 1) / 2);
        Trained from = Trained.from(start, objective.models(), half);
        return objective.trainAll(null, from, half).theta();
      }
      NewtonSystem system = new NewtonSystem(curvature, 0, Integer.MAX_VALUE);
      PlainFits.Fitted fitted =
          new LowerSolver(ROUND_TOLERANCE, 1e-12, passes)
              .minimize(objective, start, system)
              .point();
      fitted.release();
      return fitted.theta();
    }
  }

  /**
   * Models without each fold of the trusted rows, and last the one of all of them, one after the
   * other.
   */
  static double[] fitFolds(BlockKernel kernel, PassEngine engine, How how, int folds) {
    List<FitRows> fits = new ArrayList<>();
    for (int j = 0; j < folds; j++) {
      fits.add(new FitRows.Trusted(j));
    }
    fits.add(new FitRows.Trusted(null));
    return fit(kernel, engine, how, fits, List.of(), null);
  }

  /**
   * Fits several plain models together; returns their parameters, one after the other.
   *
   * @param start where all linear models start, or null for zero; networks start from random
   *     weights
   */
  static double[] fit(
      BlockKernel kernel,
      PassEngine engine,
      How how,
      List<FitRows> fits,
      List<Judge> judges,
      double[] start) {
    Penalty penalty = Penalty.fixed(kernel.model(), how.l2(), false);
    int d = kernel.model().size();
    double[] theta = new double[fits.size() * d];
    double[] first =
        start == null || how.training() != null ? kernel.model().initial(how.seed()) : start;
    for (int f = 0; f < fits.size(); f++) {
      Vectors.copyTo(first, theta, f * d);
    }
    try (PlainFits objective = new PlainFits(kernel, engine, penalty, fits, judges)) {
      return how.fit(objective, theta);
    }
  }
}
