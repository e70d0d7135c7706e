package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.problem.Comparisons;
import java.util.List;
import java.util.Set;

/** The choice between the models of a cleaning run. */
final class NoHarm {
  private static final Set<String> GUIDED = Set.of(Cleaning.BILEVEL, "cleaned");

  private NoHarm() {}

  /**
   * The model with the least held-out loss, but for one thing: a plain model replaces the better of
   * the bilevel model and its refit only if it is better by more than one standard error of the
   * difference. Thirty rows cannot tell models apart that differ by less, and the prior is for the
   * one that was guided. The oracle is not for the choosing.
   */
  static String selected(List<String> names, Comparisons.Figures figures) {
    int first = names.size();
    int ours = -1;
    int plain = -1;
    for (int m = 0; m < first; m++) {
      if (names.get(m).equals(Cleaning.ORACLE)) {
        continue;
      }
      boolean guided = GUIDED.contains(names.get(m));
      int rival = guided ? ours : plain;
      double loss = figures.models().get(first + m).heldOut().loss();
      if (rival < 0 || loss < figures.models().get(first + rival).heldOut().loss()) {
        ours = guided ? m : ours;
        plain = guided ? plain : m;
      }
    }
    if (plain < 0) {
      return names.get(ours);
    }
    double gain =
        figures.models().get(first + ours).heldOut().loss()
            - figures.models().get(first + plain).heldOut().loss();
    double error = figures.standardErrorOfDifference(first + ours, first + plain);
    return names.get(gain > error ? plain : ours);
  }
}
