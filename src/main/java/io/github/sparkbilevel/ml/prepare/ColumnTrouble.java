package io.github.sparkbilevel.ml.prepare;

import io.github.sparkbilevel.data.Names;
import io.github.sparkbilevel.problem.BilevelProblem;
import io.github.sparkbilevel.spark.rows.BlockFacts;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.DoubleStream;

/** Finds a column whose numbers are of another magnitude than those of the others. */
record ColumnTrouble(PreparedData data, BilevelProblem problem) {
  /** Beside columns that are larger by this factor a column is lost in rounding, squared. */
  private static final double FAR = 1e7;

  /** Columns of more coefficients are not told apart by class. */
  private static final int MOST_PARAMETERS = 100_000;

  /** θ where classes can be told apart by it at little cost, otherwise nothing. */
  static double[] small(BilevelProblem problem, double[] theta) {
    boolean fits = theta.length == problem.model().size() && theta.length <= MOST_PARAMETERS;
    return fits ? theta : new double[0];
  }

  /** The column that is farthest from the others, in the training rows or in the trusted ones. */
  Optional<Trouble.Cause> magnitude(BlockFacts facts) {
    double[] train = facts.largest();
    double[] trusted = facts.largestTrusted();
    double usual = usual(train);
    int far = farthest(train, usual);
    int farTrusted = farthest(trusted, usual);
    if (far < 0 && farTrusted < 0) {
      return Optional.empty();
    }
    int column = far >= 0 ? far : farTrusted;
    double size = far >= 0 ? train[column] : trusted[column];
    boolean standardised = !data.standardizer().isIdentity();
    String name = Names.quote(data.tables().train().featureNames().get(column));
    String what =
        standardised
            ? "the column %s reaches %s deviations from its mean%s"
            : "the largest value of the column %s is %s%s, beside "
                + Trouble.number(usual)
                + " in a typical column";
    return Optional.of(
        new Trouble.Cause(
            what.formatted(name, Trouble.number(size), far < 0 ? " in the trusted rows" : ""),
            standardised
                ? "correct the values, or limit them by clip"
                : "set standardize = true or rescale the column"));
  }

  /** The median of the columns' largest entries, the constant column of the intercept included. */
  private double usual(double[] largest) {
    DoubleStream sizes = Arrays.stream(largest).filter(size -> size > 0);
    DoubleStream ones =
        problem.model().parameters().get(0).bias() ? DoubleStream.of(1) : DoubleStream.empty();
    double[] sorted = DoubleStream.concat(sizes, ones).sorted().toArray();
    return sorted.length == 0 ? 1 : sorted[(sorted.length - 1) / 2];
  }

  private static int farthest(double[] largest, double usual) {
    int farthest = -1;
    double most = Math.log(FAR);
    for (int j = 0; j < largest.length; j++) {
      double distance = Math.abs(Math.log(largest[j]) - Math.log(usual));
      if (largest[j] > 0 && distance > most) {
        farthest = j;
        most = distance;
      }
    }
    return farthest;
  }
}
