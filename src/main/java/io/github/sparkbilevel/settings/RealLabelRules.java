package io.github.sparkbilevel.settings;

import static io.github.sparkbilevel.settings.ProblemSettings.FAMILY;
import static io.github.sparkbilevel.settings.ProblemSettings.LOSS;
import static io.github.sparkbilevel.settings.ProblemSettings.VARIABLE;

import io.github.sparkbilevel.model.ErrorLoss;
import io.github.sparkbilevel.model.Losses;
import java.util.List;

/** What goes with real labels where wrong ones are found: whatever asks for classes does not. */
final class RealLabelRules {
  private RealLabelRules() {}

  static void check(Given given, Use use) {
    if (!use.cleans()) {
      checkWeights(given, use);
      return;
    }
    if (!use.isOfRealLabels()) {
      checkClasses(given, use);
      return;
    }
    if (use.job().equals(Keys.ARENA)) {
      throw given.refusal(
          FAMILY,
          "has no classes; the job arena needs classes, try softmax or logistic, or job = clean");
    }
    if (!use.isGuided()) {
      throw given.refusal(
          FAMILY,
          "is learned with trusted rows, of which there are none; give trusted rows, as noise models"
              + " that need none are for classes");
    }
    if (given.get(VARIABLE).contains(Keys.NOISE_MODEL)) {
      throw given.refusal(
          VARIABLE,
          "names noise-model, which is for classes, and %s is linear; try %s"
              .formatted(given.name(FAMILY), Keys.WEIGHT_FUNCTION));
    }
    checkLoss(given);
    refuseColumns(given, DataSettings.TRAIN.votes);
    refuseColumns(given, DataSettings.TRAIN.probabilities);
    refuse(given, RunSettings.SELECTION_METRIC, "loss");
    refuse(given, RunSettings.SOFT_LABELS, false);
    refuse(given, RunSettings.REVIEW_ROWS, 0);
  }

  /** How large the errors of right labels are, the job clean alone finds out. */
  private static void checkWeights(Given given, Use use) {
    if (!use.isOfClasses() && given.get(VARIABLE).contains(Keys.WEIGHT_FUNCTION)) {
      throw given.refusal(
          VARIABLE,
          "names weight-function, which is for classes in the job %s, and %s = %s has none; try"
                  .formatted(use.job(), given.name(FAMILY), given.get(FAMILY))
              + " example-weights or group-weights");
    }
  }

  private static void checkClasses(Given given, Use use) {
    if (!use.isOfClasses()) {
      throw given.refusal(
          FAMILY,
          "has no classes; the job %s needs classes or real labels, try softmax, logistic or linear"
              .formatted(use.job()));
    }
    if (Losses.OF_TWO_CLASSES.contains(given.get(LOSS)) && !isCrossEntropy(given)) {
      throw given.refusal(
          LOSS, "is for the job tune, and cleaning judges rows by their probabilities; try auto");
    }
    if (!isCrossEntropy(given)) {
      throw given.refusal(
          LOSS,
          "is for %s = linear, and that is %s; try auto"
              .formatted(given.name(FAMILY), given.get(FAMILY)));
    }
  }

  private static boolean isCrossEntropy(Given given) {
    return given.get(LOSS).equals(Losses.CROSS_ENTROPY);
  }

  /** Residuals have a scale only under a loss of the error alone. */
  private static void checkLoss(Given given) {
    boolean fits;
    try {
      fits = Losses.of(given.get(LOSS)) instanceof ErrorLoss;
    } catch (IllegalArgumentException unknown) {
      fits = false;
    }
    if (!fits) {
      throw given.refusal(
          LOSS,
          "does not tell wrong labels by the size of their errors alone; expected huber, huber δ or"
              + " squared, try auto");
    }
  }

  private static void refuseColumns(Given given, Setting<List<String>> columns) {
    refuse(given, columns, List.of());
  }

  private static <T> void refuse(Given given, Setting<T> setting, T expected) {
    if (!given.get(setting).equals(expected)) {
      throw given.refusal(
          setting,
          "is for classes, and %s = linear has none; leave it out".formatted(given.name(FAMILY)));
    }
  }
}
