package io.github.sparkbilevel.problem.fit;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.model.Confusion;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.OutputTile;
import io.github.sparkbilevel.problem.JudgedClasses;
import io.github.sparkbilevel.problem.sampling.Folds;
import java.io.Serializable;

/**
 * Says of each training row how well its label fits, and whether to keep it.
 *
 * @param theta one model, or one for each fold of which a row is judged by the one that did not see
 *     it; none where rows bring the probabilities of their classes
 * @param folds the cut of the training rows, or null for a single model
 * @param rule what follows from the probabilities of the classes
 * @param judged the classes that it can judge; rows labelled with others are kept
 */
public record Judge(double[][] theta, Folds folds, JudgingRule rule, JudgedClasses judged)
    implements Serializable {

  /** One that can judge all classes. */
  public Judge(double[][] theta, Folds folds, JudgingRule rule) {
    this(theta, folds, rule, JudgedClasses.ALL);
  }

  /** One that goes by the probabilities that the rows bring. */
  static Judge ofGiven(JudgingRule rule) {
    return new Judge(new double[0][], null, rule);
  }

  /** Flags a row when the model prefers another label. */
  public static Judge preferring(double[] theta) {
    return preferring(theta, JudgedClasses.ALL);
  }

  /** Flags a row of one of these classes when the model prefers another label. */
  public static Judge preferring(double[] theta, JudgedClasses judged) {
    return new Judge(new double[][] {theta}, null, new JudgingRule.Preferred(), judged);
  }

  /** Flags a row when another class is likelier, given its label. */
  public static Judge byPosterior(double[] theta, Confusion confusion) {
    return new Judge(new double[][] {theta}, null, new JudgingRule.Posterior(confusion));
  }

  /** The same judge by another rule. */
  Judge with(JudgingRule other) {
    return new Judge(theta, folds, other, judged);
  }

  /** Whether it goes by the probabilities that rows bring. */
  boolean isGiven() {
    return theta.length == 0;
  }

  /** The index of the model that judges a row. */
  int modelOf(long id) {
    return folds == null ? 0 : folds.of(id);
  }

  /**
   * Judges a row of a block; the given label is suggested where the judge knows nothing of it.
   *
   * @param p the predictions of all rows of the block by the model that judges this one
   */
  JudgingRule.Verdict judge(Loss loss, OutputTile p, Block block, int row) {
    JudgingRule.Verdict verdict = rule.judge(loss, p, block, row);
    double label = block.labels()[row];
    return judged.contain(label)
        ? verdict
        : JudgingRule.Verdict.of(verdict.quality(), label, label);
  }
}
