package io.github.sparkbilevel.problem.fit;

import io.github.sparkbilevel.linalg.Vectors;
import io.github.sparkbilevel.model.Confusion;
import java.io.Serializable;
import java.util.Arrays;

/**
 * What the votes of a row say of its true class, when annotators err independently of each other:
 *
 * <pre>
 *   p(k | votes) ∝ π_k Π_j C_j[k][l_j]
 * </pre>
 *
 * <p>l_j is the vote of annotator j. Whoever did not vote says nothing.
 *
 * @param annotators C_j, with annotators in place of groups
 * @param prior π
 */
public record VoteModel(Confusion annotators, double[] prior) implements Serializable {

  /**
   * Annotators whose votes are right with a probability of their own, whatever the class, and wrong
   * votes alike for all other classes; all classes have the same prior.
   */
  public static VoteModel oneCoin(int classes, double[] right) {
    double[] matrices = new double[right.length * classes * classes];
    for (int at = 0; at < matrices.length; at++) {
      double r = right[at / (classes * classes)];
      boolean diagonal = at / classes % classes == at % classes;
      matrices[at] = diagonal ? r : (1 - r) / (classes - 1);
    }
    double[] prior = new double[classes];
    Arrays.fill(prior, 1.0 / classes);
    return new VoteModel(Confusion.ofMatrices(classes, matrices), prior);
  }

  int classes() {
    return prior.length;
  }

  /** ln π. */
  double[] logPrior() {
    return Arrays.stream(prior).map(Math::log).toArray();
  }

  /**
   * Bayes' rule.
   *
   * @param votes as a block has them
   * @param logs logarithms of the classes' probabilities before the votes, up to a number; becomes
   *     the probabilities after them
   */
  void posterior(int[] votes, double[] logs) {
    for (int vote : votes) {
      for (int k = 0; k < logs.length; k++) {
        logs[k] += Math.log(annotators.probability(vote / logs.length, k, vote % logs.length));
      }
    }
    double most = logs[Vectors.argMax(logs)];
    double sum = 0;
    for (int k = 0; k < logs.length; k++) {
      logs[k] = Math.exp(logs[k] - most);
      sum += logs[k];
    }
    for (int k = 0; k < logs.length; k++) {
      logs[k] /= sum;
    }
  }
}
