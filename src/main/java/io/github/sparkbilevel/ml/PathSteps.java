package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.bilevel.Curvature;
import io.github.sparkbilevel.bilevel.PenaltySearch;
import io.github.sparkbilevel.bilevel.PenaltySearch.Keep;
import io.github.sparkbilevel.bilevel.RegularizationPath;
import io.github.sparkbilevel.block.DataException;
import io.github.sparkbilevel.ml.prepare.PreparedData;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.problem.oracle.FoldRows;
import io.github.sparkbilevel.problem.pass.PassEngine;
import io.github.sparkbilevel.problem.pass.PassLedger;
import io.github.sparkbilevel.problem.pass.ViewEngine;
import io.github.sparkbilevel.spark.rows.DataRow.Part;
import java.util.List;

/**
 * Fits the models of a regularisation path. The rows that judge the tuned penalty judge each of its
 * penalties; its models are fitted on the rows that the tuned one is handed out on.
 *
 * @param params of the estimator
 * @param problem what was tuned
 * @param curvature how linear systems are solved
 * @param folds whose mean loss is the upper objective; empty for validation rows
 * @param isRefitted whether models are fitted on validation rows too in the end
 */
record PathSteps(
    TuningParams<?, ?> params,
    BilevelProblem problem,
    Curvature curvature,
    List<FoldRows> folds,
    boolean isRefitted) {
  /** Coefficients of all models together that the driver is to hold. */
  private static final long MOST_NUMBERS = 20_000_000;

  /** The weakest penalty, where the range ends above the strongest one. */
  private static final double LEAST_SHARE = 1e-4;

  RegularizationPath run(int points, PassEngine engine, PreparedData data) {
    requireFits(points);
    engine.ledger().enter(PassLedger.Phase.BASELINES);
    long rows = data.blocks().rows().get(Part.TRAIN);
    PassEngine fitting = isRefitted ? new ViewEngine(engine, FoldPlan.allRows(data)) : engine;
    long fitted = isRefitted ? FoldPlan.allCount(data) : rows;
    double[] range = params.getGridRange();
    double strongest = grid(2, range[0], range[1]).strongest(fitting, fitted);
    double weakest = Math.min(range[0], LEAST_SHARE * strongest);
    PenaltySearch search = grid(points, weakest, strongest);
    var models = search.run(fitting, fitted, List.of(), Keep.ALL).trials();
    var losses = isRefitted ? search.run(engine, rows, folds, Keep.BEST).trials() : models;
    return RegularizationPath.of(losses, models);
  }

  private PenaltySearch grid(int points, double low, double high) {
    return PenaltySearch.grid(
        problem,
        problem.variables(),
        new PenaltySearch.Range(points, low, high),
        curvature,
        params.getBackend());
  }

  private void requireFits(int points) {
    if (problem.sharedSize() != 1 || problem.weighsRows()) {
      throw new IllegalArgumentException(
          "got %d hyperparameters, expected one penalty for a regularisation path; tune l1 or l2"
              .formatted(problem.sharedSize()));
    }
    long numbers = (long) points * problem.model().size();
    if (numbers > MOST_NUMBERS) {
      throw new DataException(
          "a path of %,d models with %,d coefficients each has %,d numbers, expected at most %,d; ask for %,d models or fewer"
              .formatted(
                  points,
                  problem.model().size(),
                  numbers,
                  MOST_NUMBERS,
                  MOST_NUMBERS / problem.model().size()));
    }
  }
}
