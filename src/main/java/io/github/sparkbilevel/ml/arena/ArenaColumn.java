package io.github.sparkbilevel.ml.arena;

import io.github.sparkbilevel.bilevel.CleaningSettings.Baseline;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * A way to deal with wrong labels, and how it did in a cell of the arena.
 *
 * @param method the way
 * @param test accuracies on the test rows
 * @param found how well its judge finds the wrong labels
 * @param selected the model that a bilevel method returned; empty for plain ones
 * @param seconds from the blocks to its models, the refit included
 * @param failure why there are no figures; empty where there are
 */
public record ArenaColumn(
    Method method, Accuracy test, Found found, String selected, double seconds, String failure) {

  /** What the rows of a cell may have. */
  public enum Given {
    /** Groups. */
    GROUPS,
    /** Trusted rows. */
    TRUSTED_ROWS,
    /** A linear model. */
    LINEAR_MODEL
  }

  /** The ways, in the order of the table. */
  public enum Method {
    /** A model of all training rows. */
    NOISY(Baseline.NOISY, "noisy", null),
    /** A model of the trusted rows alone; refitted on the training rows that it keeps. */
    TRUSTED(Baseline.TRUSTED, "trusted", "trustedRefit"),
    /** The same with the outputs of the model of all training rows as features. */
    TRANSFER(Baseline.TRANSFER, "transfer", "transferRefit"),
    /** Out-of-sample probabilities of the training rows; refitted likewise. */
    CONFIDENT_LEARNING(Baseline.CONFIDENT_LEARNING, null, "confidentLearning"),
    /** Learned by EM together with how labels are confused. */
    NOISE_MODEL(Baseline.NOISE_MODEL, "noiseModel", null),
    /** Fitted to labels confused as the trusted rows say. */
    GOLD_LOSS_CORRECTION(Baseline.GOLD_LOSS_CORRECTION, "goldLossCorrection", null),
    /** Fitted to labels confused as confident learning says. */
    FORWARD_CORRECTION(Baseline.FORWARD_CORRECTION, "forwardCorrection", null),
    /** NBO with a weight for each row. */
    EXAMPLE_WEIGHTS(null, "bilevel", "cleaned"),
    /**
     * NBO with a weight function: the default of the job clean, which without trusted rows is EM.
     */
    WEIGHT_FUNCTION(null, "bilevel", "cleaned"),
    /** NBO with a weight for each group of rows. */
    GROUP_WEIGHTS(null, "bilevel", "cleaned"),
    /** A model of the rows whose label is known to be right. */
    ORACLE(Baseline.ORACLE, "oracle", null);

    private final Baseline baseline;
    private final String model;
    private final String refit;

    Method(Baseline baseline, String model, String refit) {
      this.baseline = baseline;
      this.model = model;
      this.refit = refit;
    }

    /** The plain model, or null for what λ guides. */
    Baseline baseline() {
      return baseline;
    }

    /** The name of its own model among the candidates of a run, or null. */
    String model() {
      return model;
    }

    /** The name of its refit, or null. */
    String refit() {
      return refit;
    }

    /** Whether λ guides it. */
    boolean isGuided() {
      return baseline == null;
    }

    /** Whether it is for rows that have groups only. */
    boolean needsGroups() {
      return this == GROUP_WEIGHTS;
    }

    /** Whether it cannot do without trusted rows. */
    boolean needsTrusted() {
      return this != WEIGHT_FUNCTION
          && (isGuided() || this == TRUSTED || this == TRANSFER || this == GOLD_LOSS_CORRECTION);
    }

    /** Those that apply to the rows of a cell. */
    public static List<Method> fitting(Set<Given> given) {
      return Arrays.stream(values())
          .filter(method -> given.contains(Given.GROUPS) || !method.needsGroups())
          .filter(method -> given.contains(Given.TRUSTED_ROWS) || !method.needsTrusted())
          .filter(method -> given.contains(Given.LINEAR_MODEL) || method != TRANSFER)
          .toList();
    }

    /** The word of tables and files, such as {@code weight-function}. */
    public String word() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /**
   * Shares of test rows that models get right; NaN where there is no such model.
   *
   * @param returned of the model that one would go on with: the one that a bilevel run selects
   *     without the test rows, the refit of a plain method, or else its only model
   * @param model of the method's own model
   * @param refit of the model fitted on the rows that the method keeps
   */
  public record Accuracy(double returned, double model, double refit) {
    static final Accuracy UNKNOWN = new Accuracy(Double.NaN, Double.NaN, Double.NaN);
  }

  /** A column without figures. */
  public static ArenaColumn failed(Method method, double seconds, String why) {
    return new ArenaColumn(method, Accuracy.UNKNOWN, Found.UNKNOWN, "", seconds, why);
  }
}
