package io.github.sparkbilevel.settings;

import java.util.List;
import java.util.Optional;

/** What stages of Spark ML have and job files do not: names of columns, and what they hold. */
public final class StageSettings {
  static final Group COLS = new Group("");

  private static final String ONLY_RATIOS =
      "; only the ratios count, and rows of weight 0 are left out";

  public static final Setting<String> FEATURES =
      COLS.param("featuresCol", Types.string(), "features", Stage.values())
          .text("The column of the features, one vector in each row");

  public static final Setting<Optional<String>> TRUSTED =
      COLS.param("trustedCol", Types.string().orNull(), "null", Stage.CLEANER)
          .text(
              "The column, true or false, that marks the trusted rows; null is false; not used by"
                  + " fit(train, trusted)");

  public static final Setting<Optional<String>> BASE_WEIGHT =
      COLS.param("baseWeightCol", Types.string().orNull(), "null", Stage.CLEANER)
          .none("{none} for 1")
          .text(
              "The column of fixed weights that the learned ones multiply, and that weigh trusted"
                  + " rows"
                  + ONLY_RATIOS);

  public static final Setting<Optional<String>> ROW_WEIGHT =
      COLS.param("weightCol", Types.string().orNull(), "null", Stage.TUNERS)
          .none("{none} for 1")
          .text("The column of the weights of rows, validation rows too" + ONLY_RATIOS);

  public static final Setting<String> WEIGHT =
      cleaned("weight", "The column for the learned weight of a row, from 0 to 1");

  public static final Setting<String> QUALITY =
      cleaned(
          "quality",
          "The column for the probability that the cleaned model gives to the label of a row");

  public static final Setting<String> FLAGGED =
      cleaned("flagged", "The column that says whether the cleaned model prefers another label");

  public static final Setting<String> SUGGESTED =
      cleaned(
          "suggestedLabel",
          "The column for the label that the cleaned model prefers, of the type of the labels");

  public static final Setting<Optional<String>> SOFT_LABELS =
      COLS.param(
              "softLabelsCol", Types.string().orNull(), "null", Stage.CLEANER, Stage.CLEANER_MODEL)
          .none("{none} for no such column")
          .text(
              "The column for the probability of each class to be the true one, a vector in the"
                  + " order of the classifier's labels");

  public static final Setting<Optional<String>> VALIDATION =
      COLS.param("validationIndicatorCol", Types.string().orNull(), "null", Stage.TUNERS)
          .none("{none} draws them by trainRatio")
          .text("The column, true or false, that marks the validation rows");

  public static final Setting<Double> TRAIN_RATIO =
      COLS.param("trainRatio", Types.openBelow(1), "0.75", Stage.TUNERS)
          .text("The share of the rows to train on where validation rows are drawn");

  public static final Setting<Double> ELASTIC_NET =
      COLS.param("elasticNetParam", Types.between(0, 1), "0", Stage.TUNERS)
          .text(
              "The share of regParam that is an l1 penalty where nothing is tuned, as in Spark's own"
                  + " estimators");

  public static final Setting<List<String>> FEATURE_GROUPS =
      COLS.param("featureGroups", Types.string().list(), "[]", Stage.TUNERS)
          .text(
              "For the penalties per group and for group-lasso the name of the group of each feature,"
                  + " in the order of the features");

  public static final Setting<String> FAMILY =
      COLS.param("family", Types.name("auto", "binomial", "multinomial"), "auto", Stage.CLASSIFIER)
          .text(
              "binomial: one margin for two classes; multinomial: one for each class; auto goes by"
                  + " the number of classes");

  public static final Setting<String> PREDICTION =
      COLS.param(
              "predictionCol",
              Types.string(),
              "prediction",
              Stage.CLASSIFIER,
              Stage.REGRESSOR,
              Stage.MULTI_LABEL,
              Stage.MULTI_LABEL_MODEL)
          .text("The column for the prediction");

  public static final Setting<String> RAW_PREDICTION =
      COLS.param("rawPredictionCol", Types.string(), "rawPrediction", Stage.CLASSIFIER)
          .text("The column for the margin of each class");

  public static final Setting<String> PROBABILITY =
      COLS.param(
              "probabilityCol",
              Types.string(),
              "probability",
              Stage.CLASSIFIER,
              Stage.MULTI_LABEL,
              Stage.MULTI_LABEL_MODEL)
          .text("The column for the probability of each class");

  public static final Setting<List<Double>> THRESHOLDS =
      COLS.param("thresholds", Types.thresholds(), null, Stage.CLASSIFIER)
          .text(
              "For each class a number that its probability is divided by before the greatest is"
                  + " predicted");

  private static Setting<String> cleaned(String name, String text) {
    return COLS.param(name + "Col", Types.string(), name, Stage.CLEANER, Stage.CLEANER_MODEL)
        .text(text);
  }

  private StageSettings() {}
}
