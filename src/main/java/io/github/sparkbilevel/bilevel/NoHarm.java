package io.github.sparkbilevel.bilevel;

import io.github.sparkbilevel.problem.fit.Comparisons;
import io.github.sparkbilevel.problem.fit.HeldOutFigures;
import io.github.sparkbilevel.problem.fit.Judge;
import io.github.sparkbilevel.problem.fit.JudgingRule;
import java.util.Arrays;
import java.util.HashMap;
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
 *   <li>Then comes the refit, in which the judgements of the bilevel model and of the labeller
 *       meet.
 *   <li>Then come the other models that were guided: the bilevel model, the labeller's, a noise
 *       model without a structure; among them the least held-out loss.
 *   <li>Plain models come last.
 * </ol>
 *
 * <p>Networks can learn wrong labels by heart, whatever the matrix, and are better than their
 * refits: among those that were guided the held-out loss decides alone.
 *
 * <p>A model of a later kind replaces one before it only if it is better by more than one standard
 * error of the difference, at most two for plain models and beside a noise model with a structure,
 * half of one for a guided model beside the refit, row by row, as the models are and with each at
 * its best temperature. A model that was fitted to few rows, or to clean ones, is surer of itself
 * than one that was fitted to noise, and the loss alone punishes that more than wrong answers. A
 * plain model must be right on more of the rows, too: where few answers are wrong, a single row can
 * make most of a loss.
 *
 * <p>What held-out rows say against a prior grows with the number k of rows that the loss of the
 * guided model rests on, at its best temperature ({@link HeldOutFigures#effectiveRows}). Rows on
 * which it is right tell next to nothing. Let the mean advantage of a plain model have a normal
 * prior of mean −m and variance t², and what is measured the variance σ² / k. The posterior mean is
 * above 0 where the advantage is more than (m σ / t²) / √k standard errors: the prior is worth a
 * number of rows. So where k is above {@link #ROWS_OF_PRIOR}, a plain model must win by 2 √(20 / k)
 * standard errors, though not by less than one, and be right on no fewer rows. A guided model
 * beside a noise model with a structure must win by 2 √(4 / k), between one and two: where the
 * matrix says the truth, the noise model is wrong on few rows.
 */
final class NoHarm {
  /** Nats for each row that the matrix says beyond noise that is alike for all classes. */
  static final double STRUCTURED = 0.2;

  /**
   * Standard errors by which a model must win at most against one that has a prior. A plain model
   * is the better one in few cases of those measured, and twenty rows by chance say so of one in
   * six.
   */
  private static final double MOST_ERRORS = 2;

  /** The rows that a guided model's loss must rest on so that a plain one wins by less. */
  private static final double ROWS_OF_PRIOR = 20;

  /** Likewise for a noise model with a structure, beside other guided models. */
  private static final double ROWS_OF_STRUCTURE = 4;

  /**
   * Standard errors by which another guided model must be better than the refit. Where the refit is
   * better, it is so by a point; where it follows a labeller that misleads, it is worse by ten.
   */
  private static final double ERRORS_OF_GUIDED = 0.5;

  private static final Set<String> GUIDED =
      Set.of(
          Cleaning.BILEVEL, Candidates.CLEANED, NoiseModels.NOISE_MODEL, Candidates.LABELLER_MODEL);

  /** In the order of their priors. */
  private enum Kind {
    STRUCTURED,
    PREFERRED,
    GUIDED,
    PLAIN
  }

  private final Comparisons.Calibration figures;
  private final double[] accuracies;
  private final Map<String, Kind> kinds;
  private final List<String> names;

  private NoHarm(Map<String, Finished> models, HeldOut heldOut, Map<String, Kind> kinds) {
    this.figures = heldOut.losses;
    this.accuracies = heldOut.accuracies;
    this.kinds = kinds;
    this.names = List.copyOf(models.keySet());
  }

  /**
   * What the held-out rows say of the models, in their order.
   *
   * @param losses of the models
   * @param accuracies shares of the rows on which they are right
   */
  record HeldOut(Comparisons.Calibration losses, double[] accuracies) {}

  /** The choice between linear models. */
  static NoHarm ofLinear(Map<String, Finished> models, HeldOut heldOut) {
    Map<String, Kind> kinds = new HashMap<>();
    models.forEach((name, model) -> kinds.put(name, kindOfLinear(name, model)));
    return new NoHarm(models, heldOut, kinds);
  }

  /** The choice between networks, likewise. */
  static NoHarm ofNetworks(Map<String, Finished> models, HeldOut heldOut) {
    Map<String, Kind> kinds = new HashMap<>();
    models.forEach(
        (name, model) -> kinds.put(name, GUIDED.contains(name) ? Kind.GUIDED : Kind.PLAIN));
    return new NoHarm(models, heldOut, kinds);
  }

  private static Kind kindOfLinear(String name, Finished model) {
    if (!GUIDED.contains(name)) {
      return Kind.PLAIN;
    }
    if (isStructured(model.judge())) {
      return Kind.STRUCTURED;
    }
    return name.equals(Candidates.CLEANED) ? Kind.PREFERRED : Kind.GUIDED;
  }

  /**
   * The name of the model that is returned.
   *
   * @param excluded names that are not for the choosing
   */
  String selected(Set<String> excluded) {
    int[] best = new int[Kind.values().length];
    Arrays.fill(best, -1);
    for (int m = 0; m < names.size(); m++) {
      if (!excluded.contains(names.get(m))) {
        int kind = kinds.get(names.get(m)).ordinal();
        best[kind] = better(best[kind], m);
      }
    }
    int selected = -1;
    for (int candidate : best) {
      selected = unlessBeaten(selected, candidate);
    }
    return names.get(selected);
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
    boolean plain = kinds.get(names.get(later)) == Kind.PLAIN;
    boolean preferred = kinds.get(names.get(first)) == Kind.PREFERRED;
    double errors = plain ? errors(ROWS_OF_PRIOR, first) : errorsOfGuided(first);
    boolean wins =
        figures.plain().isBetter(later, first, errors)
            && figures.calibrated().isBetter(later, first, preferred && !plain ? 0 : errors)
            && !(plain && isLessOftenRight(later, first));
    return wins ? later : first;
  }

  private boolean isWellKnown(int guided) {
    return figures.calibrated().effectiveRows(guided) > ROWS_OF_PRIOR;
  }

  private double errorsOfGuided(int first) {
    return switch (kinds.get(names.get(first))) {
      case STRUCTURED -> errors(ROWS_OF_STRUCTURE, first);
      case PREFERRED -> ERRORS_OF_GUIDED;
      default -> 1;
    };
  }

  /** The standard errors by which a prior is refuted that is worth so many rows. */
  private double errors(double rowsOfPrior, int first) {
    double share = rowsOfPrior / figures.calibrated().effectiveRows(first);
    return Math.min(MOST_ERRORS, Math.max(1, MOST_ERRORS * Math.sqrt(share)));
  }

  /** Not so of real labels, which are neither right nor wrong; ties count where rows are few. */
  private boolean isLessOftenRight(int plain, int guided) {
    return isWellKnown(guided)
        ? accuracies[plain] < accuracies[guided]
        : accuracies[plain] <= accuracies[guided];
  }
}
