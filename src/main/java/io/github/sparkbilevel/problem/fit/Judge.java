package io.github.sparkbilevel.problem.fit;

import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.OutputTile;
import io.github.sparkbilevel.problem.JudgedClasses;
import java.io.Serializable;

/**
 * A rule that says of each training row how well its label fits, and whether to keep it.
 *
 * @param theta one model, or one for each fold of which a row is judged by the one that did not see
 *     it
 * @param folds the cut of the training rows, or null for a single model
 * @param thresholds for each class the probability from which it counts as present (confident
 *     learning), or null to flag a row whenever its label is not the preferred class
 * @param judged the classes that it can judge; rows labelled with others are kept
 */
public record Judge(double[][] theta, Folds folds, double[] thresholds, JudgedClasses judged)
    implements Serializable {

  /** One that can judge all classes. */
  public Judge(double[][] theta, Folds folds, double[] thresholds) {
    this(theta, folds, thresholds, JudgedClasses.ALL);
  }

  /** Flags a row when the model prefers another label. */
  public static Judge preferring(double[] theta) {
    return preferring(theta, JudgedClasses.ALL);
  }

  /** Flags a row of one of these classes when the model prefers another label. */
  public static Judge preferring(double[] theta, JudgedClasses judged) {
    return new Judge(new double[][] {theta}, null, null, judged);
  }

  /** The index of the model that judges a row. */
  int modelOf(long id) {
    return folds == null ? 0 : folds.of(id);
  }

  /** Whether a row is flagged: its label is not the one that is suggested. */
  boolean flags(Loss loss, OutputTile p, int row, double label) {
    return suggests(loss, p, row, label) != label;
  }

  /**
   * The label that is suggested; the given one where the judge knows nothing of it. Confident
   * learning (Northcutt, Jiang and Chuang, JAIR 2021): the most probable of the classes whose
   * probability reaches the class's threshold; the given label where none does.
   */
  double suggests(Loss loss, OutputTile p, int row, double label) {
    if (!judged.contain(label)) {
      return label;
    }
    if (thresholds == null) {
      return loss.predict(p, row);
    }
    double best = label;
    double most = -1;
    for (int k = 0; k < thresholds.length; k++) {
      double probability = loss.probability(p, row, k);
      if (probability >= thresholds[k] && probability > most) {
        most = probability;
        best = k;
      }
    }
    return best;
  }
}
