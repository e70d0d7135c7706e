package io.github.sparkbilevel.problem.fit;

import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.problem.pass.PassEngine;

/** What rows say of their annotators, and of a model that judges beside them. */
public record VoteEstimates(PassEngine engine, int annotators, int classes) {
  /**
   * Counts of votes.
   *
   * @param votes how often each annotator said l of rows of class k, at [annotator][k][l]
   * @param rows number of rows of each class that anybody voted on
   */
  public record Counts(double[] votes, double[] rows) {}

  /** Expected counts of the training rows; costs 1 pass. */
  public Counts expected(VoteModel by) {
    return counts(by, VoteCountsPass.Rows.TRAINING);
  }

  /** Counts of the training rows by their labels; costs 1 pass. */
  public Counts labelled() {
    return counts(null, VoteCountsPass.Rows.TRAINING);
  }

  /** Counts of the trusted rows of the upper objective; costs 1 pass. */
  public Counts trusted() {
    return counts(null, VoteCountsPass.Rows.TRUSTED);
  }

  private Counts counts(VoteModel by, VoteCountsPass.Rows rows) {
    double[] sums =
        engine.run(new VoteCountsPass(by, rows, annotators, classes), null, false).sums();
    int square = annotators * classes * classes;
    return new Counts(Vectors.slice(sums, 0, square), Vectors.slice(sums, square, classes));
  }

  /**
   * The temperature at which models of the trusted rows give the labels of the fold that they did
   * not see the greatest likelihood; costs 1 pass.
   *
   * @param withoutFold a model without each fold
   */
  public double temperature(BlockKernel kernel, double[][] withoutFold) {
    double[] grid = Comparisons.TEMPERATURES;
    double[] sums =
        engine.run(new TrustedTemperaturePass(kernel, withoutFold, grid), null, false).sums();
    return grid[Vectors.argMax(sums)];
  }
}
