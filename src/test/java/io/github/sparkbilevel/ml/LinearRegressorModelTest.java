package io.github.sparkbilevel.ml;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.data.LocalSpark;
import io.github.sparkbilevel.ml.score.ModelFiles;
import io.github.sparkbilevel.ml.score.ModelParts;
import io.github.sparkbilevel.ml.score.Scaling;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.model.SquaredLoss;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.evaluation.RegressionEvaluator;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class LinearRegressorModelTest {
  private static final double NO_CLIP = Double.POSITIVE_INFINITY;
  private static final int FEATURES = 5;

  @TempDir Path folder;

  static Stream<Arguments> cases() {
    return Stream.of(true, false)
        .flatMap(
            intercept ->
                Stream.of(
                    Arguments.of(intercept, false, NO_CLIP),
                    Arguments.of(intercept, true, NO_CLIP),
                    Arguments.of(intercept, true, 1.5)));
  }

  private static ModelParts<LinearModel> parts(
      boolean intercept, boolean standardised, double clip) {
    LinearModel model = new LinearModel(new SquaredLoss(), FEATURES, intercept);
    Random random = new Random(5);
    double[] theta = random.doubles(model.size(), -2, 2).toArray();
    double[] mean = standardised ? random.doubles(FEATURES, -3, 3).toArray() : null;
    double[] scale = standardised ? random.doubles(FEATURES, 0.2, 4).toArray() : null;
    if (standardised) {
      scale[Models.CONSTANT] = 0;
    }
    return new ModelParts<>(
        model,
        theta,
        new Scaling(mean, scale, clip),
        List.of(),
        Models.names("feature ", FEATURES));
  }

  private static ModelParts<LinearModel> parts() {
    return parts(true, true, NO_CLIP);
  }

  /** The predicted value by the plainest computation. */
  private static double value(ModelParts<LinearModel> parts, Vector row) {
    double z = parts.model().intercept() ? parts.theta()[FEATURES] : 0;
    for (int j = 0; j < FEATURES; j++) {
      double x = row.apply(j);
      if (parts.scaling().mean() != null) {
        x = (x - parts.scaling().mean()[j]) * parts.scaling().scale()[j];
        x = Math.abs(x) > parts.scaling().clip() ? Math.signum(x) * parts.scaling().clip() : x;
      }
      z += parts.theta()[j] * x;
    }
    return z;
  }

  private static Dataset<Row> table(int rows) {
    return Models.table(Models.rows(rows, FEATURES, 4), rows);
  }

  private String path() {
    return folder.resolve("model").toString();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void transformsAsComputedDirectly(boolean intercept, boolean standardised, double clip) {
    ModelParts<LinearModel> parts = parts(intercept, standardised, clip);
    List<Row> out = new LinearRegressorModel(parts).transform(table(20)).collectAsList();
    assertEquals(20, out.size());
    for (Row row : out) {
      assertEquals(
          value(parts, row.getAs("features")),
          row.<Double>getAs("prediction").doubleValue(),
          1e-12);
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void predictsForSparseRowsAsForDenseOnes(boolean intercept, boolean standardised, double clip) {
    ModelParts<LinearModel> parts = parts(intercept, standardised, clip);
    LinearRegressorModel model = new LinearRegressorModel(parts);
    for (Vector row : Models.rows(20, FEATURES, 6)) {
      assertEquals(value(parts, row), model.predict(row), 1e-12);
      assertEquals(value(parts, row), model.predict(row.toSparse()), 1e-11);
    }
    Vector explicitZero = Vectors.sparse(FEATURES, new int[] {0, 2}, new double[] {0, 1});
    assertEquals(value(parts, explicitZero), model.predict(explicitZero), 1e-11);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void givesCoefficientsOfRawFeaturesUnlessItLimitsThem(
      boolean intercept, boolean standardised, double clip) {
    ModelParts<LinearModel> parts = parts(intercept, standardised, clip);
    LinearRegressorModel model = new LinearRegressorModel(parts);
    assertEquals(clip, model.clip());
    if (clip < NO_CLIP) {
      for (int j = 0; j < FEATURES; j++) {
        assertEquals(parts.theta()[j], model.coefficients().apply(j));
      }
      assertEquals(intercept ? parts.theta()[FEATURES] : 0, model.intercept());
      return;
    }
    for (Vector row : Models.rows(5, FEATURES, 8)) {
      assertEquals(value(parts, row), model.coefficients().dot(row) + model.intercept(), 1e-11);
    }
  }

  @Test
  void givesNaNForValuesThatAreNotNumbers() {
    LinearRegressorModel model = new LinearRegressorModel(parts());
    Vector row = Vectors.dense(1, 2, Double.NaN, 4, 5);
    assertTrue(Double.isNaN(model.predict(row)));
    assertTrue(Double.isNaN(model.predict(row.toSparse())));
  }

  @Test
  void copiesItsArrays() {
    ModelParts<LinearModel> parts = parts();
    LinearRegressorModel model = new LinearRegressorModel(parts);
    Vector row = Vectors.dense(1, 2, 3, 4, 5);
    double before = model.predict(row);
    parts.theta()[0] = 99;
    parts.scaling().mean()[0] = 99;
    parts.scaling().scale()[0] = 99;
    assertEquals(before, model.predict(row));
  }

  @Test
  void ownsItsParams() {
    LinearRegressorModel model = new LinearRegressorModel("mine", parts());
    assertEquals("mine", model.uid());
    for (Param<?> param : model.params()) {
      assertEquals("mine", param.parent(), param.name());
    }
    assertTrue(model.explainParams().contains("predictionCol"));
    assertEquals("LinearRegressorModel: uid=mine, numFeatures=5", model.toString());
    LinearRegressorModel unnamed = new LinearRegressorModel(parts());
    assertTrue(unnamed.uid().startsWith("linearRegressor_"), unnamed.uid());
    assertNotEquals(unnamed.uid(), new LinearRegressorModel(parts()).uid());
    assertEquals(Models.names("feature ", FEATURES), model.featureNames());
    assertEquals(FEATURES, model.numFeatures());
  }

  @Test
  void namesItsColumnsAsTold() {
    LinearRegressorModel model =
        new LinearRegressorModel(parts()).setFeaturesCol("x").setPredictionCol("y");
    Dataset<Row> table = table(3).withColumnRenamed("features", "x");
    Dataset<Row> out = model.transform(table);
    assertEquals(List.of("x", "label", "y"), List.of(out.columns()));
    // What transformSchema promises is what transform gives.
    StructType promised = model.transformSchema(table.schema());
    assertEquals(DataTypes.DoubleType, promised.apply("y").dataType());
    assertEquals(promised.apply("y").metadata(), out.schema().apply("y").metadata());
  }

  @Test
  void copyKeepsEverything() {
    LinearRegressorModel model = new LinearRegressorModel(parts()).setFeaturesCol("x");
    LinearRegressorModel copy = model.copy(new ParamMap().put(model.predictionCol(), "other"));
    assertEquals(model.uid(), copy.uid());
    assertEquals("x", copy.getFeaturesCol());
    assertEquals("other", copy.getPredictionCol());
    assertEquals("prediction", model.getPredictionCol());
    assertSame(model.featureNames(), copy.featureNames());
    Vector row = Vectors.dense(1, 2, 3, 4, 5);
    assertEquals(model.predict(row), copy.predict(row));
    for (Param<?> param : copy.params()) {
      assertEquals(copy.uid(), param.parent(), param.name());
    }
  }

  @Test
  void isEvaluatedBySpark() {
    ModelParts<LinearModel> parts = parts();
    List<Row> rows = table(60).collectAsList();
    double squares = 0;
    for (Row row : rows) {
      squares += Math.pow(value(parts, row.getAs("features")) - row.<Double>getAs("label"), 2);
    }
    double rmse =
        new RegressionEvaluator()
            .setMetricName("rmse")
            .evaluate(new LinearRegressorModel(parts).transform(table(60)));
    assertEquals(Math.sqrt(squares / 60), rmse, 1e-10);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void loadsWhatWasSaved(boolean intercept, boolean standardised, double clip) throws IOException {
    LinearRegressorModel model =
        new LinearRegressorModel(parts(intercept, standardised, clip)).setPredictionCol("y");
    model.save(path());
    LinearRegressorModel loaded = LinearRegressorModel.load(path());
    assertEquals(model.uid(), loaded.uid());
    assertEquals(model.featureNames(), loaded.featureNames());
    assertEquals(clip, loaded.clip());
    assertEquals(model.coefficients(), loaded.coefficients());
    assertEquals(model.intercept(), loaded.intercept());
    assertEquals("y", loaded.getPredictionCol());
    for (Param<?> param : model.params()) {
      assertEquals(model.isSet(param), loaded.isSet(param), param.name());
    }
    for (Vector row : Models.rows(10, FEATURES, 22)) {
      assertEquals(model.predict(row), loaded.predict(row));
      assertEquals(model.predict(row.toSparse()), loaded.predict(row.toSparse()));
    }
    assertThrows(IOException.class, () -> model.save(path()));
  }

  @Test
  void isAStageOfAPipeline() throws IOException {
    Dataset<Row> table =
        LocalSpark.session()
            .range(20)
            .selectExpr("sin(id) AS a", "CAST(id AS DOUBLE) AS b", "cos(3 * id) AS c", "id AS d");
    VectorAssembler assembler =
        new VectorAssembler()
            .setInputCols(new String[] {"a", "b", "c", "d", "a"})
            .setOutputCol("x");
    LinearRegressorModel model = new LinearRegressorModel(parts()).setFeaturesCol("x");
    PipelineModel pipeline =
        new Pipeline().setStages(new PipelineStage[] {assembler, model}).fit(table);
    pipeline.save(path());
    PipelineModel loaded = PipelineModel.load(path());
    assertTrue(loaded.stages()[1] instanceof LinearRegressorModel);
    List<Row> expected = pipeline.transform(table).collectAsList();
    assertEquals(expected, loaded.transform(table).collectAsList());
    for (Row row : expected) {
      assertEquals(model.predict(row.getAs("x")), row.<Double>getAs("prediction").doubleValue());
    }
  }

  @Test
  void refusesANewerFormatAndAnotherClass() throws IOException {
    new LinearRegressorModel(parts()).save(path());
    assertTrue(
        assertThrows(IllegalArgumentException.class, () -> LinearClassifierModel.load(path()))
            .getMessage()
            .contains("LinearRegressorModel"));
    LocalSpark.session()
        .range(1)
        .select(functions.lit(7).as(ModelFiles.FORMAT_COLUMN))
        .write()
        .mode("overwrite")
        .parquet(folder.resolve("model").resolve(ModelFiles.DATA).toString());
    assertMessage(
        "the model at "
            + path()
            + " has format version 7, expected 3 or less; load it with the newer spark-bilevel"
            + " that wrote it",
        () -> LinearRegressorModel.load(path()));
  }

  @Test
  void refusesRowsOfAnotherWidth() {
    LinearRegressorModel model = new LinearRegressorModel(parts());
    String expected =
        " features, expected 5; assemble the columns the model was trained on: feature 0, feature"
            + " 1, feature 2, feature 3, feature 4";
    assertMessage("the row has 3" + expected, () -> model.predict(Vectors.dense(1, 2, 3)));
    Dataset<Row> narrow =
        new VectorAssembler()
            .setInputCols(new String[] {"id", "id"})
            .setOutputCol("features")
            .transform(LocalSpark.session().range(3).toDF());
    assertMessage("the column 'features' has 2" + expected, () -> model.transform(narrow));
  }

  @Test
  void refusesPartsThatDoNotFit() {
    LinearModel model = new LinearModel(new SquaredLoss(), 2, true);
    double[] three = new double[3];
    assertMessage(
        "got 2 parameters, expected 3 by the model",
        () -> new ModelParts<>(model, new double[2], Scaling.NONE, List.of(), List.of()));
    assertMessage(
        "got 1 feature names, expected 2 by the model",
        () -> new ModelParts<>(model, three, Scaling.NONE, List.of(), List.of("a")));
    assertMessage(
        "got 3 means, expected 2 by the model",
        () ->
            new ModelParts<>(
                model, three, new Scaling(three, three, NO_CLIP), List.of(), List.of()));
    assertMessage(
        "got a model with the logistic loss, expected a loss of one real label; classes want a"
            + " LinearClassifierModel",
        () ->
            new LinearRegressorModel(
                new ModelParts<>(
                    new LinearModel(Models.logistic(), 2, true),
                    three,
                    Scaling.NONE,
                    List.of("a", "b"),
                    List.of())));
    assertArrayEquals(
        new double[2],
        new LinearRegressorModel(new ModelParts<>(model, three, Scaling.NONE, List.of(), List.of()))
            .coefficients()
            .toArray());
  }

  private static void assertMessage(String expected, Runnable act) {
    assertEquals(expected, assertThrows(IllegalArgumentException.class, act::run).getMessage());
  }
}
