package io.github.sparkbilevel.settings;

/** A stage of Spark ML whose params come from the registry. */
public enum Stage {
  /** Finds wrong labels. */
  CLEANER(Keys.CLEAN, "softmax"),
  /** What the cleaner learned. */
  CLEANER_MODEL(Keys.CLEAN, "softmax"),
  /** Tunes the penalties of a logistic regression. */
  CLASSIFIER(Keys.TUNE, "softmax"),
  /** Tunes the penalties of a linear regression. */
  REGRESSOR(Keys.TUNE, Keys.LINEAR),
  /** Tunes the penalties of several labels at once. */
  MULTI_LABEL(Keys.TUNE, Keys.MULTI_LABEL),
  /** What it trained. */
  MULTI_LABEL_MODEL(Keys.TUNE, Keys.MULTI_LABEL);

  static final Stage[] ESTIMATORS = {CLEANER, CLASSIFIER, REGRESSOR, MULTI_LABEL};
  static final Stage[] TUNERS = {CLASSIFIER, REGRESSOR, MULTI_LABEL};
  static final Stage[] OF_ONE_LABEL = {CLEANER, CLEANER_MODEL, CLASSIFIER, REGRESSOR};
  static final Stage[] OF_ROWS = {CLEANER, CLEANER_MODEL, CLASSIFIER, REGRESSOR, MULTI_LABEL};

  private final String job;
  private final String family;

  Stage(String job, String family) {
    this.job = job;
    this.family = family;
  }

  /** The use of this stage for a model. */
  public Use use(String family) {
    return new Use(job, family);
  }

  /** The use of this stage for linear models. */
  public Use use() {
    return use(family);
  }
}
