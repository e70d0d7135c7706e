package io.github.sparkbilevel.ml;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.data.LocalSpark;
import io.github.sparkbilevel.ml.LinearClassifierModel.Parts;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.model.Loss;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.feature.IndexToString;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.ml.feature.VectorSlicer;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.ml.param.Param;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class LinearClassifierModelFilesTest {
  private static final double NO_CLIP = Double.POSITIVE_INFINITY;

  @TempDir Path folder;

  static Stream<Arguments> cases() {
    return Stream.of(
        Arguments.of(Models.softmax(3), true, true, 2.5),
        Arguments.of(Models.softmax(26), false, true, NO_CLIP),
        Arguments.of(Models.softmax(2), true, false, NO_CLIP),
        Arguments.of(Models.logistic(), true, true, NO_CLIP),
        Arguments.of(Models.logistic(), false, false, NO_CLIP));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void loadsWhatWasSaved(Loss loss, boolean intercept, boolean standardised, double clip)
      throws IOException {
    LinearClassifierModel model =
        new LinearClassifierModel(Models.parts(loss, 5, intercept, standardised, clip, 21))
            .setProbabilityCol("p");
    if (loss.classes() == 3) {
      model.setThresholds(new double[] {0.1, 0.5, 0.4});
    }
    model.save(path());
    LinearClassifierModel loaded = LinearClassifierModel.load(path());
    assertEquals(model.uid(), loaded.uid());
    assertEquals(model.labels(), loaded.labels());
    assertEquals(model.featureNames(), loaded.featureNames());
    assertEquals(model.clip(), loaded.clip());
    assertEquals(model.coefficientMatrix(), loaded.coefficientMatrix());
    assertEquals(model.interceptVector(), loaded.interceptVector());
    for (Param<?> param : model.params()) {
      assertEquals(model.isSet(param), loaded.isSet(param), param.name());
      assertEquals(model.isDefined(param), loaded.isDefined(param), param.name());
    }
    assertEquals("p", loaded.getProbabilityCol());
    if (loss.classes() == 3) {
      assertArrayEquals(model.getThresholds(), loaded.getThresholds());
    }
    for (Vector row : Models.rows(10, 5, 22)) {
      assertEquals(model.predictRaw(row), loaded.predictRaw(row));
      assertEquals(model.predictRaw(row.toSparse()), loaded.predictRaw(row.toSparse()));
      assertEquals(model.predict(row), loaded.predict(row));
    }
  }

  @Test
  void overwritesOnlyWhenTold() throws IOException {
    new LinearClassifierModel(Models.threeClasses()).save(path());
    LinearClassifierModel other =
        new LinearClassifierModel(Models.parts(Models.logistic(), 2, true, true, NO_CLIP, 5));
    assertThrows(IOException.class, () -> other.save(path()));
    other.write().overwrite().save(path());
    assertEquals(2, LinearClassifierModel.load(path()).numFeatures());
  }

  @Test
  void savesAModelWithoutFeatureNames() throws IOException {
    LinearModel linear = new LinearModel(Models.softmax(2), 3, true);
    Parts parts =
        new Parts(linear, new double[8], null, null, NO_CLIP, List.of("", "b"), List.of());
    new LinearClassifierModel(parts).save(path());
    LinearClassifierModel loaded = LinearClassifierModel.load(path());
    assertEquals(List.of(), loaded.featureNames());
    assertEquals(List.of("", "b"), loaded.labels());
    assertEquals(
        "the row has 1 features, expected 3; assemble the columns the model was trained on",
        assertThrows(IllegalArgumentException.class, () -> loaded.predictRaw(Vectors.zeros(1)))
            .getMessage());
  }

  @Test
  void isAStageOfAPipeline() throws IOException {
    Dataset<Row> table = columns();
    VectorAssembler assembler =
        new VectorAssembler().setInputCols(new String[] {"a", "b", "c", "d"}).setOutputCol("x");
    LinearClassifierModel model =
        new LinearClassifierModel(Models.threeClasses()).setFeaturesCol("x");
    IndexToString names = new IndexToString().setInputCol("prediction").setOutputCol("name");
    PipelineModel pipeline =
        new Pipeline().setStages(new PipelineStage[] {assembler, model, names}).fit(table);
    pipeline.write().overwrite().save(path());
    PipelineModel loaded = PipelineModel.load(path());
    assertTrue(loaded.stages()[1] instanceof LinearClassifierModel);
    List<Row> expected = pipeline.transform(table).collectAsList();
    assertEquals(expected, loaded.transform(table).collectAsList());
    for (Row row : expected) {
      assertEquals(model.predictLabel(row.getAs("x")), row.getAs("name"));
    }
  }

  @Test
  void refusesAColumnKnownToBeOfAnotherWidthBeforeAnyJob() {
    Dataset<Row> table =
        new VectorAssembler()
            .setInputCols(new String[] {"a", "b", "c"})
            .setOutputCol("features")
            .transform(columns());
    LinearClassifierModel model = new LinearClassifierModel(Models.threeClasses());
    String message =
        assertThrows(IllegalArgumentException.class, () -> model.transform(table)).getMessage();
    assertEquals(
        "the column 'features' has 3 features, expected 4; assemble the columns the model was"
            + " trained on: feature 0, feature 1, feature 2, feature 3",
        message);
  }

  @Test
  void refusesANewerFormat() throws IOException {
    new LinearClassifierModel(Models.threeClasses()).save(path());
    String data = folder.resolve("model").resolve(ModelFiles.DATA).toString();
    List<Row> row = LocalSpark.session().read().parquet(data).collectAsList();
    LocalSpark.session()
        .createDataFrame(row, LocalSpark.session().read().parquet(data).schema())
        // A newer format may lack everything else.
        .select(functions.lit(7).as(ModelFiles.FORMAT_COLUMN))
        .write()
        .mode("overwrite")
        .parquet(data);
    assertEquals(
        "the model at "
            + path()
            + " has format version 7, expected 1 or less; load it with the newer spark-bilevel"
            + " that wrote it",
        assertThrows(IllegalArgumentException.class, () -> LinearClassifierModel.load(path()))
            .getMessage());
  }

  @Test
  void refusesAnotherClass() throws IOException {
    new VectorSlicer().setInputCol("a").setOutputCol("b").save(path());
    String message =
        assertThrows(IllegalArgumentException.class, () -> LinearClassifierModel.load(path()))
            .getMessage();
    assertTrue(message.contains("LinearClassifierModel"), message);
    assertTrue(message.contains("VectorSlicer"), message);
  }

  /** Four numeric columns a to d. */
  private static Dataset<Row> columns() {
    return LocalSpark.session()
        .range(20)
        .selectExpr(
            "sin(id) AS a", "CAST(id AS DOUBLE) AS b", "cos(3 * id) * 4 AS c", "5.0D - id AS d");
  }

  private String path() {
    return folder.resolve("model").toString();
  }
}
