package io.github.sparkbilevel.equivalence;

import io.github.sparkbilevel.equivalence.Layout.Format;
import io.github.sparkbilevel.ml.DataCleaner;
import io.github.sparkbilevel.ml.DataCleanerModel;
import io.github.sparkbilevel.ml.TunedLinearRegression;
import io.github.sparkbilevel.ml.TunedLinearRegressionModel;
import io.github.sparkbilevel.ml.TunedLogisticRegression;
import io.github.sparkbilevel.ml.TunedLogisticRegressionModel;
import io.github.sparkbilevel.ml.TuningParams;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.spark.ml.attribute.NominalAttribute;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/** The problems that estimators solve, from Datasets with a vector column. */
enum EstimatorProblem implements Problem {
  DATA_CLEANER(Job.CLEAN, "weight-function", "", Tables::dense),
  TUNED_LOGISTIC_REGRESSION(Job.TUNE, "", "l2", Tables::dense),
  TUNED_LINEAR_REGRESSION(Job.TUNE, "", "l2-per-feature", Tables::regression);

  private static final double L2 = 0.02;
  private static final String VALIDATION = "isValidation";

  private final Traits traits;
  private final Supplier<Tables> tables;

  EstimatorProblem(Job job, String rows, String penalty, Supplier<Tables> tables) {
    this.traits = new Traits(job, rows, penalty, false, true, false);
    this.tables = tables;
  }

  @Override
  public Traits traits() {
    return traits;
  }

  @Override
  public boolean isEstimator() {
    return true;
  }

  @Override
  public Setup setup() {
    Setup setup = Setup.of(tables.get());
    return setup.stored(layout -> layout.withFormat(Format.DENSE_VECTORS));
  }

  @Override
  public Answer solve(Setup setup, Path folder) {
    return switch (this) {
      case DATA_CLEANER -> cleaned(setup);
      case TUNED_LOGISTIC_REGRESSION -> tunedClassifier(setup);
      default -> tunedRegressor(setup);
    };
  }

  private static Dataset<Row> dataset(Setup setup, List<ExampleRow> rows) {
    return new Store(setup.tables().features(), setup.layout())
        .dataset(rows, setup.layout().format());
  }

  private Answer cleaned(Setup setup) {
    Dataset<Row> train = dataset(setup, setup.tables().train());
    Dataset<Row> trusted = dataset(setup, setup.tables().validation());
    if (setup.settings().unusedClass()) {
      train = withIndices(train, classes(setup));
      trusted = withIndices(trusted, classes(setup));
    }
    DataCleanerModel model =
        new DataCleaner()
            .setIdCol(Store.ID)
            .setBaseWeightCol(setup.settings().weighted() ? Store.WEIGHT : "")
            .setRegParam(L2 * setup.settings().penaltyFactor())
            .setStandardization(setup.settings().standardize())
            .setClip(setup.settings().standardize() ? 5 : 0)
            .setPrecision("double")
            .setNumPartitions(setup.settings().partitions())
            .setMaxIter(2)
            .setBaselines(new String[0])
            .fit(train, trusted);
    Answer answer = new Answer();
    model.summary().lambda().forEach((name, value) -> answer.put(Answer.LAMBDA, name, value));
    Answers.putFigures(answer, model.summary().models().get("bilevel"));
    for (Row row :
        model.transform(train).select(Store.ID, "weight", "quality", "flagged").collectAsList()) {
      answer.put(Answer.WEIGHT, row.getString(0), row.getDouble(1));
      answer.put(Answer.QUALITY, row.getString(0), row.getDouble(2));
      answer.put(Answer.FLAGGED, row.getString(0), row.getBoolean(3) ? 1 : 0);
    }
    return answer;
  }

  /** The classes that a label column names, of which the second may be without rows. */
  private static List<String> classes(Setup setup) {
    List<String> names = new ArrayList<>(Tables.CLASSES);
    if (setup.settings().unusedClass()) {
      names.add(1, "dog");
    }
    return names;
  }

  /** Class indices in place of the names of the classes, which the column carries. */
  private static Dataset<Row> withIndices(Dataset<Row> rows, List<String> names) {
    Column index = functions.lit(null).cast("double");
    for (String name : Tables.CLASSES) {
      index =
          functions
              .when(functions.col(Store.LABEL).equalTo(name), (double) names.indexOf(name))
              .otherwise(index);
    }
    return rows.withColumn(
        Store.LABEL,
        index.as(
            Store.LABEL,
            NominalAttribute.defaultAttr()
                .withName(Store.LABEL)
                .withValues(names.toArray(String[]::new))
                .toMetadata()));
  }

  private <E extends TuningParams<?, E>> E tuner(E estimator, Setup setup) {
    return estimator
        .setIdCol(Store.ID)
        .setUpperVariables(new String[] {traits.penalty()})
        .setValidationIndicatorCol(VALIDATION)
        .setWeightCol(setup.settings().weighted() ? Store.WEIGHT : "")
        .setRegParam(L2 * setup.settings().penaltyFactor())
        .setStandardization(setup.settings().standardize())
        .setNumPartitions(setup.settings().partitions())
        // Weights of one table alone are not to matter; all rows together are weighed as they are.
        .setRefit("train")
        .setBaselines(new String[0])
        .setSensitivity(false)
        .setMaxIter(12);
  }

  private static Dataset<Row> both(Setup setup) {
    return dataset(setup, setup.tables().train())
        .withColumn(VALIDATION, functions.lit(false))
        .union(
            dataset(setup, setup.tables().validation())
                .withColumn(VALIDATION, functions.lit(true)));
  }

  private Answer tunedClassifier(Setup setup) {
    List<String> classes = classes(setup);
    TunedLogisticRegressionModel model =
        tuner(new TunedLogisticRegression(), setup).fit(withIndices(both(setup), classes));
    Answer answer = new Answer();
    putPenalties(answer, setup, model.penalties());
    answer.put(Answer.FIGURES, "upper objective", model.summary().tuning().upperObjective());
    for (Row row : predicted(model.transform(withIndices(test(setup), classes)), "probability")) {
      Vector probability = row.getAs(1);
      for (int c = 0; c < Tables.CLASSES.size(); c++) {
        int level = classes.indexOf(Tables.CLASSES.get(c));
        answer.put(Answer.PREDICTION, row.getString(0) + " " + c, probability.apply(level));
      }
    }
    return answer;
  }

  private Answer tunedRegressor(Setup setup) {
    Dataset<Row> rows = both(setup);
    TunedLinearRegressionModel model =
        tuner(new TunedLinearRegression(), setup)
            .fit(rows.withColumn(Store.LABEL, functions.col(Store.LABEL).cast("double")));
    Answer answer = new Answer();
    putPenalties(answer, setup, model.penalties());
    answer.put(Answer.FIGURES, "upper objective", model.summary().tuning().upperObjective());
    for (Row row : predicted(model.transform(test(setup)), "prediction")) {
      answer.put(Answer.PREDICTION, row.getString(0), row.getDouble(1));
    }
    return answer;
  }

  /** The test rows but those of weight 0, of which nothing is expected. */
  private static Dataset<Row> test(Setup setup) {
    return dataset(setup, setup.tables().test()).filter(Store.WEIGHT + " > 0");
  }

  private static List<Row> predicted(Dataset<Row> rows, String column) {
    return rows.select(Store.ID, column).collectAsList();
  }

  private static void putPenalties(Answer answer, Setup setup, Map<String, Double> penalties) {
    penalties.forEach(
        (name, value) ->
            answer.put(Answer.LAMBDA, name, Math.log(value / setup.settings().penaltyFactor())));
  }
}
