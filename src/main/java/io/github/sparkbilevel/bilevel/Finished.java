package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.model.Confusion;
import io.github.sparkbilevel.problem.JudgedClasses;
import io.github.sparkbilevel.problem.fit.Judge;

/**
 * A finished model, on its way to a comparison.
 *
 * @param theta fitted with all that the model may use
 * @param unseen fitted without the rows held out; the same array where that makes no difference
 * @param judge how the model judges training rows; of a refit, null, but for confident learning,
 *     which has no other model
 * @param unseenJudge the judge that did not see the rows held out; null for a refit
 * @param refitOf the model by whose judgements of the training rows it was fitted, or null
 */
public record Finished(
    double[] theta, double[] unseen, Judge judge, Judge unseenJudge, String refitOf) {

  static Finished fitted(double[] theta, double[] unseen) {
    return fitted(theta, unseen, JudgedClasses.ALL);
  }

  /** A classifier that knows how labels are confused; it has not seen the rows held out. */
  static Finished confused(double[] theta, Confusion confusion) {
    Judge judge = Judge.byPosterior(theta, confusion);
    return new Finished(theta, theta, judge, judge, null);
  }

  /** A model that can judge the rows of these classes. */
  static Finished fitted(double[] theta, double[] unseen, JudgedClasses judged) {
    return new Finished(
        theta, unseen, Judge.preferring(theta, judged), Judge.preferring(unseen, judged), null);
  }
}
