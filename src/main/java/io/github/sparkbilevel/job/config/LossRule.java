package io.github.sparkbilevel.job.config;

import static io.github.sparkbilevel.settings.ProblemSettings.LOSS;

import io.github.sparkbilevel.model.Losses;
import io.github.sparkbilevel.settings.Keys;
import io.github.sparkbilevel.settings.ProblemSettings;

/** Which losses a family and a job take. */
final class LossRule {
  private static final String LOGISTIC = "logistic";

  private LossRule() {}

  /** The loss of a job file; refuses one of another family, and one that the job does not read. */
  static String check(Values values) {
    String loss = values.get(LOSS);
    String family = values.get(ProblemSettings.FAMILY);
    if (loss.equals(LOSS.defaultIn(values.use()))) {
      return loss;
    }
    boolean isOfClasses = Losses.OF_TWO_CLASSES.contains(loss);
    String fitting = isOfClasses ? LOGISTIC : Keys.LINEAR;
    if (!family.equals(fitting)) {
      throw values.refusal(
          LOSS, "is for model.family = %s, and that is %s; try auto".formatted(fitting, family));
    }
    if (!isOfClasses) {
      requireKnown(loss, values);
    }
    return loss;
  }

  private static void requireKnown(String loss, Values values) {
    try {
      Losses.of(loss);
    } catch (IllegalArgumentException unknown) {
      throw values.refusal(LOSS, "is not valid: " + unknown.getMessage() + "; try auto");
    }
  }
}
