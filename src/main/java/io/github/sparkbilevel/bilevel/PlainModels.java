package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.problem.FitRows;
import io.github.sparkbilevel.problem.Judge;
import io.github.sparkbilevel.problem.PassEngine;
import io.github.sparkbilevel.problem.Penalty;
import io.github.sparkbilevel.problem.PlainFits;
import java.util.ArrayList;
import java.util.List;

/** Fits of plain models, and of the trusted rows in particular. */
public final class PlainModels {
  private static final double TOLERANCE = 1e-3;
  private static final int MOST_PASSES = 200;

  private PlainModels() {}

  /** The model of all trusted rows. */
  public static double[] fitAll(BlockKernel kernel, PassEngine engine, double l2) {
    return fit(kernel, engine, l2, Curvature.CG, List.of(new FitRows.Trusted(-1)), List.of(), null);
  }

  /**
   * Models without each fold of the trusted rows, and last the one of all of them, one after the
   * other.
   */
  static double[] fitFolds(
      BlockKernel kernel, PassEngine engine, double l2, Curvature curvature, int folds) {
    List<FitRows> fits = new ArrayList<>();
    for (int j = 0; j < folds; j++) {
      fits.add(new FitRows.Trusted(j));
    }
    fits.add(new FitRows.Trusted(-1));
    return fit(kernel, engine, l2, curvature, fits, List.of(), null);
  }

  /**
   * Fits several plain models together; returns their parameters, one after the other.
   *
   * @param start where all of them start, or null for zero
   */
  static double[] fit(
      BlockKernel kernel,
      PassEngine engine,
      double l2,
      Curvature curvature,
      List<FitRows> fits,
      List<Judge> judges,
      double[] start) {
    Penalty penalty = Penalty.fixed(kernel.model(), l2, false);
    int d = kernel.model().size();
    double[] theta = new double[fits.size() * d];
    for (int f = 0; start != null && f < fits.size(); f++) {
      Vectors.copyTo(start, theta, f * d);
    }
    try (PlainFits objective = new PlainFits(kernel, engine, penalty, fits, judges)) {
      PlainFits.Fitted fitted =
          new LowerSolver(TOLERANCE, 1e-12, MOST_PASSES)
              .minimize(objective, theta, new NewtonSystem(curvature, 0, Integer.MAX_VALUE))
              .point();
      fitted.release();
      return fitted.theta();
    }
  }
}
