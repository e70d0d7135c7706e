package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.problem.oracle.Tally;
import java.util.List;

/**
 * What training rows say, each by models that were fitted without its fold, of λ as validation rows
 * chose it and of what folds of all rows chose.
 *
 * <p>Validation rows only train these models. Many penalties may fit the rows that they were chosen
 * by; training rows chose none of them.
 *
 * @param loss mean loss with what the validation rows chose
 * @param lossByFolds the same with what folds chose: one penalty, or two by variance
 * @param standardError of the difference, from those of the folds
 * @param rows that judge
 */
public record FoldJudgement(double loss, double lossByFolds, double standardError, long rows) {

  /** From the tallies of the folds; none where models could not be fitted. */
  static FoldJudgement of(List<Tally> selected, List<Tally> one) {
    double loss = mean(selected);
    double lossByFolds = mean(one);
    int folds = one.size();
    double squares = 0;
    for (int k = 0; k < Math.min(selected.size(), folds); k++) {
      double deviation = one.get(k).loss() - selected.get(k).loss() - (lossByFolds - loss);
      squares += deviation * deviation;
    }
    double error = Math.sqrt(squares / folds / (folds - 1));
    return new FoldJudgement(loss, lossByFolds, error, one.stream().mapToLong(Tally::rows).sum());
  }

  private static double mean(List<Tally> folds) {
    return folds.stream().mapToDouble(Tally::loss).average().orElse(Double.NaN);
  }

  /** Whether the choice of folds is to be taken: unless the other is better by a standard error. */
  boolean prefersFolds() {
    return Double.isFinite(lossByFolds) && !(lossByFolds - loss > standardError);
  }
}
