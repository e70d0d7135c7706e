package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.problem.fit.Comparisons;
import io.github.sparkbilevel.problem.fit.Judge;
import io.github.sparkbilevel.problem.fit.JudgingRule;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The choice between the models of a cleaning run. Thirty held-out rows cannot tell models apart
 * that differ by little, so that models have priors.
 *
 * <ol>
 *   <li>Where labels are confused with a structure (as a class is taken for another, or by source),
 *       a noise model comes first: every training row says so, not the held-out ones alone.
 *   <li>Then come the models that were guided: the bilevel model, its refit, and the noise models;
 *       among them the least held-out loss.
 *   <li>Plain models come last.
 * </ol>
 *
 * <p>A model of a later kind replaces one before it only if it is better by more than one standard
 * error of the difference, row by row, as the models are and with each at its best temperature. A
 * model that was fitted to few rows, or to clean ones, is surer of itself than one that was fitted
 * to noise, and the loss alone punishes that more than wrong answers.
 */
final class NoHarm {
  /** Nats for each row that the matrix says beyond noise that is alike for all classes. */
  static final double STRUCTURED = 0.2;

  private static final Set<String> GUIDED =
      Set.of(Cleaning.BILEVEL, "cleaned", NoiseModels.NOISE_MODEL, "labellerModel");

  private final Map<String, Finished> models;
  private final Comparisons.Calibration figures;
  private final List<String> names;

  /** The choice between models, by their figures in the same order. */
  NoHarm(Map<String, Finished> models, Comparisons.Calibration figures) {
    this.models = models;
    this.figures = figures;
    this.names = List.copyOf(models.keySet());
  }

  /**
   * The name of the model that is returned.
   *
   * @param excluded names that are not for the choosing
   */
  String selected(Set<String> excluded) {
    int structured = -1;
    int guided = -1;
    int plain = -1;
    for (int m = 0; m < names.size(); m++) {
      if (excluded.contains(names.get(m))) {
        continue;
      }
      if (!GUIDED.contains(names.get(m))) {
        plain = better(plain, m);
      } else if (isStructured(models.get(names.get(m)).judge())) {
        structured = better(structured, m);
      } else {
        guided = better(guided, m);
      }
    }
    return names.get(unlessBeaten(unlessBeaten(structured, guided), plain));
  }

  private static boolean isStructured(Judge judge) {
    return judge != null
        && judge.rule() instanceof JudgingRule.Posterior posterior
        && posterior.confusion().structure() > STRUCTURED;
  }

  /** The one of less held-out loss, or the one that there is. */
  private int better(int a, int b) {
    double[] losses = figures.plain().means();
    return a < 0 || losses[b] < losses[a] ? b : a;
  }

  private int unlessBeaten(int first, int later) {
    if (first < 0 || later < 0) {
      return Math.max(first, later);
    }
    boolean wins =
        figures.plain().isBetter(later, first) && figures.calibrated().isBetter(later, first);
    return wins ? later : first;
  }
}
