package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.problem.oracle.BlockOracle;
import io.github.sparkbilevel.problem.oracle.Evaluation;
import io.github.sparkbilevel.problem.oracle.Extra;

/**
 * The lower level at the learned λ, where weights know log-odds: features are made anew with its
 * own solution, a few times.
 */
record Polish(BlockOracle oracle, CleaningSettings settings, NewtonSystem system) {
  static final int ROUNDS = 3;
  static final int PASSES = 5;
  static final int LAST_PASSES = 12;
  private static final double TOLERANCE = 3e-3;

  /**
   * With features from all trusted rows. Cost: {@link #PASSES} passes a round at most, {@link
   * #LAST_PASSES} in the last; of a network those of its training, and 1.
   *
   * @param best the best iterate; released
   * @param trusted models of the trusted rows, without each fold and of all
   * @param current gets the parameters that the features were last made with
   */
  Evaluation run(Evaluation best, double[] trusted, double[][] current) {
    int all = settings.nbo().rotation().folds();
    if (settings.networks() != null) {
      double[] theta = trained(best, trusted, all, current);
      Evaluation end = oracle.lower(null, best.lambda()).at(theta, Extra.NONE);
      best.release();
      return end;
    }
    Evaluation point = best;
    for (int round = 0; round < ROUNDS; round++) {
      current[0] = point.theta();
      oracle.makeFeatures(trusted, all, current[0]);
      int passes = round == ROUNDS - 1 ? LAST_PASSES : PASSES;
      Evaluation next =
          new LowerSolver(TOLERANCE, 1e-12, passes)
              .minimize(oracle.lower(null, best.lambda()), current[0], system)
              .point();
      point.release();
      point = next;
    }
    return point;
  }

  /**
   * θ of a network that the rows held out can judge: trained as in {@link #run}, with features from
   * trusted rows without one fold, which never have those held out. An iterate is not trained to
   * the end, and would be judged for that. Costs the training once more.
   */
  double[] unseen(Evaluation best, double[] trusted) {
    return trained(best, trusted, 0, new double[1][]);
  }

  /** A network trained with features from one of the trusted models. */
  private double[] trained(Evaluation best, double[] trusted, int which, double[][] current) {
    double[] theta = best.theta();
    for (int round = 0; round < ROUNDS; round++) {
      current[0] = theta;
      oracle.makeFeatures(trusted, which, theta);
      theta =
          Hypergradients.trained(
              oracle.lower(null, best.lambda()), theta, settings.networks().polish());
    }
    return theta;
  }
}
