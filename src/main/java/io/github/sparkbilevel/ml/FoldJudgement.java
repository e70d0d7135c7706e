package io.github.sparkbilevel.ml;

import io.github.sparkbilevel.problem.oracle.Tally;
import java.util.List;

/**
 * What training rows say, each by models that were fitted without its fold, of λ as validation rows
 * chose it and of one penalty that was chosen by folds.
 *
 * <p>Validation rows only train these models. Many penalties may fit the rows that they were chosen
 * by; training rows chose none of them.
 *
 * @param loss mean loss with what the validation rows chose
 * @param lossOfOne the same with one penalty
 * @param standardError of the difference, from those of the folds
 * @param rows that judge
 */
public record FoldJudgement(double loss, double lossOfOne, double standardError, long rows) {

  /** From the tallies of the folds; none where models could not be fitted. */
  static FoldJudgement of(List<Tally> selected, List<Tally> one) {
    double loss = mean(selected);
    double lossOfOne = mean(one);
    int folds = one.size();
    double squares = 0;
    for (int k = 0; k < Math.min(selected.size(), folds); k++) {
      double deviation = one.get(k).loss() - selected.get(k).loss() - (lossOfOne - loss);
      squares += deviation * deviation;
    }
    double error = Math.sqrt(squares / folds / (folds - 1));
    return new FoldJudgement(loss, lossOfOne, error, one.stream().mapToLong(Tally::rows).sum());
  }

  private static double mean(List<Tally> folds) {
    return folds.stream().mapToDouble(Tally::loss).average().orElse(Double.NaN);
  }

  /** Whether one penalty is to be taken: unless the other λ is better by a standard error. */
  boolean prefersOne() {
    return Double.isFinite(lossOfOne) && !(lossOfOne - loss > standardError);
  }
}
