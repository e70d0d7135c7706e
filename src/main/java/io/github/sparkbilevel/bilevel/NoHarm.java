package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.problem.fit.Comparisons;
import java.util.List;
import java.util.Set;

/** The choice between the models of a cleaning run. */
final class NoHarm {
  private static final Set<String> GUIDED =
      Set.of(Cleaning.BILEVEL, "cleaned", "noiseModel", "labellerModel");

  private NoHarm() {}

  /**
   * The model with the least held-out loss, but for one thing: a plain model replaces the better of
   * the bilevel model and its refit only if it is better by more than one standard error of the
   * difference, as the models are and with each at its best temperature. Thirty rows cannot tell
   * models apart that differ by less, and the prior is for the one that was guided.
   *
   * <p>A model that was fitted to few rows, or to clean ones, is surer of itself than one that was
   * fitted to noise, and the loss alone punishes that more than wrong answers.
   *
   * @param excluded names that are not for the choosing
   */
  static String selected(
      List<String> names, Set<String> excluded, Comparisons.Calibration figures) {
    int ours = -1;
    int plain = -1;
    double[] losses = figures.plain().means();
    for (int m = 0; m < names.size(); m++) {
      if (excluded.contains(names.get(m))) {
        continue;
      }
      if (GUIDED.contains(names.get(m))) {
        ours = ours < 0 || losses[m] < losses[ours] ? m : ours;
      } else {
        plain = plain < 0 || losses[m] < losses[plain] ? m : plain;
      }
    }
    boolean wins =
        plain >= 0
            && figures.plain().isBetter(plain, ours)
            && figures.calibrated().isBetter(plain, ours);
    return names.get(wins ? plain : ours);
  }
}
