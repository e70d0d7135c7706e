package io.github.sparkbilevel.ml;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.data.DatasetRows;
import io.github.sparkbilevel.data.LocalSpark;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.evaluation.MulticlassClassificationEvaluator;
import org.apache.spark.ml.evaluation.RegressionEvaluator;
import org.apache.spark.ml.feature.IndexToString;
import org.apache.spark.ml.feature.StringIndexer;
import org.apache.spark.ml.feature.StringIndexerModel;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.tuning.CrossValidator;
import org.apache.spark.ml.tuning.CrossValidatorModel;
import org.apache.spark.ml.tuning.ParamGridBuilder;
import org.apache.spark.ml.tuning.TrainValidationSplit;
import org.apache.spark.ml.tuning.TrainValidationSplitModel;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import scala.jdk.javaapi.CollectionConverters;

/** The estimators among Spark's own stages. */
class PipelineTest {
  private static final int ROWS = 150;
  private static final List<String> COLORS = List.of("blue", "green", "red");

  @TempDir Path folder;

  /** Columns x0 … x3 and a color in place of a vector and a class; red is the most frequent. */
  private static Dataset<Row> colors() {
    return SmallRows.table(ROWS)
        .selectExpr(
            "id",
            "features",
            "trusted",
            "elt(cast(truth as int) + 1, 'blue', 'green', 'red') as color",
            "elt(cast(label as int) + 1, 'blue', 'green', 'red') as given",
            "sin(id) as x0",
            "truth * 3 + cos(id) as x1",
            "pmod(truth, 2) + sin(2 * id) / 3 as x2");
  }

  @Test
  void labelsKeepTheirNamesThroughAPipeline() throws IOException {
    Dataset<Row> rows = colors();
    StringIndexer indexer = new StringIndexer().setInputCol("color").setOutputCol("label");
    VectorAssembler assembler =
        new VectorAssembler().setInputCols(new String[] {"x0", "x1", "x2"}).setOutputCol("vector");
    TunedLogisticRegression classifier = SmallRows.classifier().setFeaturesCol("vector");
    IndexToString back = new IndexToString().setInputCol("prediction").setOutputCol("predicted");
    PipelineModel model =
        new Pipeline()
            .setStages(new PipelineStage[] {indexer, assembler, classifier, back})
            .fit(rows);
    List<Row> predicted = model.transform(rows).select("color", "predicted").collectAsList();
    long right = predicted.stream().filter(row -> row.get(0).equals(row.get(1))).count();
    assertTrue(right > 0.9 * ROWS, "right: " + right);

    TunedLogisticRegressionModel tuned = (TunedLogisticRegressionModel) model.stages()[2];
    assertEquals(
        List.of(((StringIndexerModel) model.stages()[0]).labelsArray()[0]),
        tuned.classifier().labels());
    assertEquals(List.of("x0", "x1", "x2"), tuned.classifier().featureNames());
    assertEquals(List.of("x0", "x1", "x2"), List.copyOf(tuned.penalties().keySet()));

    String path = folder.resolve("pipeline").toString();
    model.save(path);
    assertEquals(
        predicted,
        PipelineModel.load(path).transform(rows).select("color", "predicted").collectAsList());
  }

  @Test
  void suggestedLabelsAreIndicesWithTheNamesOfTheLabels() throws IOException {
    Dataset<Row> rows =
        new StringIndexer()
            .setInputCol("given")
            .setOutputCol("label")
            .fit(colors())
            .transform(colors());
    DataCleanerModel model = SmallRows.cleaner().fit(rows);
    Dataset<Row> judged = model.transform(rows);
    assertEquals(
        DatasetRows.classNames(judged.schema().apply("label")),
        DatasetRows.classNames(judged.schema().apply("suggestedLabel")));
    Dataset<Row> named =
        new IndexToString()
            .setInputCol("suggestedLabel")
            .setOutputCol("suggested")
            .transform(judged);
    long right = named.filter("suggested = color").count();
    assertTrue(right > 0.85 * ROWS, "right: " + right);
    assertEquals(named.filter("not flagged").count(), named.filter("suggested = given").count());

    String path = folder.resolve("cleaner").toString();
    model.save(path);
    assertEquals(
        judged.collectAsList(), DataCleanerModel.load(path).transform(rows).collectAsList());
  }

  @Test
  void labelsOfTextAreSuggestedAsText() {
    Dataset<Row> rows = colors().withColumnRenamed("given", "label");
    Dataset<Row> judged = SmallRows.cleaner().fit(rows).transform(rows);
    judged
        .select("suggestedLabel")
        .distinct()
        .collectAsList()
        .forEach(row -> assertTrue(COLORS.contains(row.getString(0)), row::toString));
    assertTrue(judged.filter("suggestedLabel = color").count() > 0.85 * ROWS);
  }

  @Test
  void crossValidationInParallelGivesTheBitsOfOneAfterTheOther() throws IOException {
    Dataset<Row> rows = SmallRows.table(ROWS);
    TunedLogisticRegression classifier = SmallRows.classifier();
    ParamMap[] grid =
        new ParamGridBuilder()
            .addGrid(classifier.doubleParam("regParam"), new double[] {1e-3, 1})
            .build();
    CrossValidator validator =
        new CrossValidator()
            .setEstimator(classifier)
            .setEvaluator(
                new MulticlassClassificationEvaluator()
                    .setLabelCol("label")
                    .setMetricName("logLoss"))
            .setEstimatorParamMaps(grid)
            .setNumFolds(2)
            .setSeed(3);
    CrossValidatorModel one = validator.setParallelism(1).fit(rows);
    CrossValidatorModel two = validator.setParallelism(2).fit(rows);
    assertArrayEquals(one.avgMetrics(), two.avgMetrics());
    assertNotEquals(one.avgMetrics()[0], one.avgMetrics()[1]);
    assertTrue(LocalSpark.session().sparkContext().getPersistentRDDs().isEmpty());

    String path = folder.resolve("validated").toString();
    two.save(path);
    assertEquals(
        two.transform(rows).collectAsList(),
        CrossValidatorModel.load(path).transform(rows).collectAsList());
  }

  @Test
  void aSplitInParallelGivesTheBitsOfOneAfterTheOther() {
    Dataset<Row> rows = SmallRows.table(ROWS);
    TunedLinearRegression regressor = SmallRows.regressor().setUpperVariables(new String[0]);
    TrainValidationSplit split =
        new TrainValidationSplit()
            .setEstimator(regressor)
            .setEvaluator(new RegressionEvaluator().setLabelCol("target"))
            .setEstimatorParamMaps(
                new ParamGridBuilder()
                    .addGrid(regressor.doubleParam("regParam"), new double[] {0, 0.1, 10})
                    .build())
            .setSeed(3);
    TrainValidationSplitModel one = split.setParallelism(1).fit(rows);
    TrainValidationSplitModel two = split.setParallelism(2).fit(rows);
    assertArrayEquals(one.validationMetrics(), two.validationMetrics());
    assertTrue(two.validationMetrics()[0] < two.validationMetrics()[2]);
    assertTrue(LocalSpark.session().sparkContext().getPersistentRDDs().isEmpty());
  }

  @Test
  void fitsOnceForEachParamMap() {
    Dataset<Row> rows = SmallRows.table(ROWS);
    TunedLogisticRegression classifier = SmallRows.classifier().setUpperVariables(new String[0]);
    ParamMap[] maps = {
      new ParamMap()
          .put(classifier.getParam("regParam"), 0.001)
          .put(classifier.getParam("predictionCol"), "p"),
      new ParamMap().put(classifier.getParam("regParam"), 1.0)
    };
    List<TunedLogisticRegressionModel> models =
        CollectionConverters.asJava(
            classifier.fit(rows, CollectionConverters.asScala(List.of(maps)).toSeq()));
    assertEquals(2, models.size());
    assertEquals("p", models.get(0).getPredictionCol());
    assertEquals("prediction", models.get(1).getPredictionCol());
    assertEquals(
        classifier.copy(maps[1]).fit(rows).coefficientMatrix(), models.get(1).coefficientMatrix());
    assertEquals(
        models.get(1).coefficientMatrix(), classifier.fit(rows, maps[1]).coefficientMatrix());
    assertEquals(0.01, classifier.getRegParam());
  }

  @Test
  void onlyTheRatiosOfWeightsCount() {
    Dataset<Row> rows = SmallRows.table(ROWS).selectExpr("*", "w * 4 as four", "w - 1 as some");
    TunedLogisticRegression classifier = SmallRows.classifier();
    TunedLogisticRegressionModel one = classifier.setWeightCol("w").fit(rows);
    TunedLogisticRegressionModel four = classifier.setWeightCol("four").fit(rows);
    assertEquals(one.coefficientMatrix(), four.coefficientMatrix());
    assertArrayEquals(one.lambda(), four.lambda());

    TunedLogisticRegression fixed =
        SmallRows.classifier().setUpperVariables(new String[0]).setStandardization(false);
    double[] weighed =
        fixed.copy(ParamMap.empty()).setWeightCol("some").fit(rows).coefficientMatrix().toArray();
    double[] without =
        fixed
            .copy(ParamMap.empty())
            .setWeightCol("some")
            .fit(rows.filter("some > 0"))
            .coefficientMatrix()
            .toArray();
    assertArrayEquals(without, weighed, 1e-7);
    assertNotEquals(fixed.fit(rows).coefficientMatrix().apply(0, 0), weighed[0], 1e-4);
  }

  @Test
  void thresholdsDivideProbabilities() {
    Dataset<Row> rows = SmallRows.table(ROWS);
    TunedLogisticRegressionModel model =
        SmallRows.classifier().setThresholds(new double[] {0.9, 1e-9, 0.9}).fit(rows);
    assertEquals(ROWS, model.transform(rows).filter("prediction = 1").count());
    assertEquals(
        model.transform(rows).select("prediction").collectAsList(),
        model.toSpark().transform(rows).select("prediction").collectAsList());

    Dataset<Row> two = rows.filter("label < 2");
    TunedLogisticRegressionModel binomial =
        SmallRows.classifier().setThresholds(new double[] {0.2, 0.8}).fit(two);
    assertEquals(
        binomial.transform(two).select("prediction").collectAsList(),
        binomial.toSpark().transform(two).select("prediction").collectAsList());
    TunedLogisticRegression wrong = SmallRows.classifier().setThresholds(new double[] {0.5, 0.5});
    assertEquals(
        "thresholds has 2 numbers, expected one for each of the 3 classes of the training data",
        assertThrows(IllegalArgumentException.class, () -> wrong.fit(rows)).getMessage());
    assertThrows(IllegalArgumentException.class, () -> wrong.setThresholds(new double[] {0, 0, 1}));
    assertTrue(LocalSpark.session().sparkContext().getPersistentRDDs().isEmpty());
  }
}
