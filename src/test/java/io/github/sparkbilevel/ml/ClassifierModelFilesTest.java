package io.github.sparkbilevel.ml;

import static io.github.sparkbilevel.ml.ClassifierModelTest.assertMessage;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.data.LocalSpark;
import io.github.sparkbilevel.ml.score.ModelFiles;
import io.github.sparkbilevel.model.Activation;
import io.github.sparkbilevel.model.Layers;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.Network;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
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
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Classifiers of either class, saved and loaded. */
class ClassifierModelFilesTest {
  private static final String EACH = "io.github.sparkbilevel.ml.Models#ofEachClass";
  private static final double NO_CLIP = Double.POSITIVE_INFINITY;

  @TempDir Path folder;

  @BeforeAll
  static void start() {
    LocalSpark.session();
  }

  static Stream<Sample> cases() {
    return Stream.of(
        Models.linear(Models.softmax(3), 5, true, true, 2.5, 21),
        Models.linear(Models.softmax(26), 5, false, true, NO_CLIP, 21),
        Models.linear(Models.softmax(2), 5, true, false, NO_CLIP, 21),
        Models.linear(Models.logistic(), 5, true, true, NO_CLIP, 21),
        Models.linear(Models.logistic(), 5, false, false, NO_CLIP, 21),
        Models.network(5, List.of(4, 2), Activation.RELU, true, 2.5, 21),
        Models.network(5, List.of(), Activation.TANH, true, NO_CLIP, 21),
        Models.network(5, List.of(3), Activation.GELU, false, NO_CLIP, 21),
        Models.sample(
            Network.dense(Models.softmax(2), 5, List.of(1), Activation.IDENTITY),
            true,
            NO_CLIP,
            21));
  }

  private static ClassifierModel<?> load(ClassifierModel<?> saved, String path) {
    return saved instanceof LinearClassifierModel
        ? LinearClassifierModel.load(path)
        : NetworkClassifierModel.load(path);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void loadsWhatWasSaved(Sample sample) throws IOException {
    ClassifierModel<?> model = sample.classifier();
    model.setProbabilityCol("p");
    if (model.numClasses() == 3) {
      model.setThresholds(new double[] {0.1, 0.5, 0.4});
    }
    model.save(path());
    for (ClassifierModel<?> loaded : List.of(load(model, path()), ClassifierModel.load(path()))) {
      assertSame(model.getClass(), loaded.getClass());
      assertEquals(model.uid(), loaded.uid());
      assertEquals(model.labels(), loaded.labels());
      assertEquals(model.featureNames(), loaded.featureNames());
      assertEquals(model.clip(), loaded.clip());
      assertEquals(model.model(), loaded.model());
      assertArrayEquals(sample.theta(), loaded.scorer().theta());
      assertArrayEquals(sample.mean(), loaded.scorer().scaling().mean());
      assertArrayEquals(sample.scale(), loaded.scorer().scaling().scale());
      for (Param<?> param : model.params()) {
        assertEquals(model.isSet(param), loaded.isSet(param), param.name());
        assertEquals(model.isDefined(param), loaded.isDefined(param), param.name());
      }
      assertEquals("p", loaded.getProbabilityCol());
      if (model.numClasses() == 3) {
        assertArrayEquals(model.getThresholds(), loaded.getThresholds());
      }
      for (Vector row : Models.rows(10, 5, 22)) {
        assertEquals(model.predictRaw(row), loaded.predictRaw(row));
        assertEquals(model.predictRaw(row.toSparse()), loaded.predictRaw(row.toSparse()));
        assertEquals(model.predict(row), loaded.predict(row));
      }
    }
  }

  @ParameterizedTest
  @MethodSource(EACH)
  void overwritesOnlyWhenTold(Sample sample) throws IOException {
    sample.classifier().save(path());
    ClassifierModel<?> other =
        Models.sample(sample.model(), false, NO_CLIP, 5)
            .named(List.of("x", "y", "z"), List.of())
            .classifier();
    assertThrows(IOException.class, () -> other.save(path()));
    other.write().overwrite().save(path());
    assertEquals(List.of("x", "y", "z"), ClassifierModel.load(path()).labels());
  }

  @ParameterizedTest
  @MethodSource(EACH)
  void savesAModelWithoutFeatureNames(Sample sample) throws IOException {
    sample.named(List.of("", "b", "c"), List.of()).classifier().save(path());
    ClassifierModel<?> loaded = ClassifierModel.load(path());
    assertEquals(List.of(), loaded.featureNames());
    assertEquals(List.of("", "b", "c"), loaded.labels());
    assertMessage(
        "the row has 1 features, expected 4; assemble the columns the model was trained on",
        () -> loaded.predictRaw(Vectors.zeros(1)));
  }

  @ParameterizedTest
  @MethodSource(EACH)
  void isAStageOfAPipeline(Sample sample) throws IOException {
    Dataset<Row> table = columns();
    VectorAssembler assembler =
        new VectorAssembler().setInputCols(new String[] {"a", "b", "c", "d"}).setOutputCol("x");
    ClassifierModel<?> model = sample.classifier();
    model.setFeaturesCol("x");
    IndexToString names = new IndexToString().setInputCol("prediction").setOutputCol("name");
    PipelineModel pipeline =
        new Pipeline().setStages(new PipelineStage[] {assembler, model, names}).fit(table);
    pipeline.write().overwrite().save(path());
    PipelineModel loaded = PipelineModel.load(path());
    assertSame(model.getClass(), loaded.stages()[1].getClass());
    List<Row> expected = pipeline.transform(table).collectAsList();
    assertEquals(expected, loaded.transform(table).collectAsList());
    for (Row row : expected) {
      assertEquals(model.predictLabel(row.getAs("x")), row.getAs("name"));
    }
  }

  @ParameterizedTest
  @MethodSource(EACH)
  void refusesAColumnKnownToBeOfAnotherWidthBeforeAnyJob(Sample sample) {
    Dataset<Row> table =
        new VectorAssembler()
            .setInputCols(new String[] {"a", "b", "c"})
            .setOutputCol("features")
            .transform(columns());
    assertMessage(
        "the column 'features' has 3 features, expected 4; assemble the columns the model was"
            + " trained on: feature 0, feature 1, feature 2, feature 3",
        () -> sample.classifier().transform(table));
  }

  @ParameterizedTest
  @MethodSource(EACH)
  void refusesANewerFormat(Sample sample) throws IOException {
    sample.classifier().save(path());
    // A newer format may lack everything else.
    rewrite(row -> row.select(functions.lit(7).as(ModelFiles.FORMAT_COLUMN)));
    assertMessage(
        "the model at "
            + path()
            + " has format version 7, expected 3 or less; load it with the newer spark-bilevel"
            + " that wrote it",
        () -> ClassifierModel.load(path()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "family | tree",
        "family | softmax",
        "loss | com.example.NoLoss",
        "layers | [{'swish': true}]",
        "layers | [{'activation': 'swish'}]",
        "layers | [{'dense': 0}]",
        "layers | [{'dense': 2}]",
        "layers | [{'residual': [{'dense': 3}]}]",
        "layers | []",
        "layers | no JSON",
      })
  void refusesWhatItDoesNotKnow(String column, String value) throws IOException {
    Models.threeClassNetwork().classifier().save(path());
    rewrite(row -> row.withColumn(column, functions.lit(value)));
    String message =
        assertThrows(IllegalArgumentException.class, () -> NetworkClassifierModel.load(path()))
            .getMessage();
    assertTrue(message.contains(path()), message);
  }

  /** A residual block in front, and a layer without biases: no dense layer takes the row. */
  @ParameterizedTest
  @ValueSource(
      strings = {"[{residual: [{dense: 4}, {activation: 'gelu'}, {projection: 5}]}]", "[]"})
  void loadsNetworksOfAnyLayers(String layers) throws IOException {
    for (Loss loss : List.of(Models.softmax(3), Models.logistic())) {
      Sample sample = Models.sample(Network.of(loss, 5, Layers.read(layers)), true, 2.5, 21);
      ClassifierModel<?> model = sample.classifier();
      model.write().overwrite().save(path());
      NetworkClassifierModel loaded = NetworkClassifierModel.load(path());
      assertEquals(model.model(), loaded.model());
      for (Vector row : Models.rows(10, 5, 22)) {
        assertEquals(model.predictRaw(row), loaded.predictRaw(row));
        assertEquals(model.predictRaw(row.toSparse()), loaded.predictRaw(row.toSparse()));
      }
    }
  }

  @Test
  void refusesAnotherClass() throws IOException {
    new VectorSlicer().setInputCol("a").setOutputCol("b").save(path());
    assertMessage(
        "the model at "
            + path()
            + " is a org.apache.spark.ml.feature.VectorSlicer, expected a LinearClassifierModel or"
            + " a NetworkClassifierModel",
        () -> ClassifierModel.load(path()));
    ClassifierModel<?> network = Models.threeClassNetwork().classifier();
    network.write().overwrite().save(path());
    String message =
        assertThrows(IllegalArgumentException.class, () -> LinearClassifierModel.load(path()))
            .getMessage();
    assertTrue(message.contains("LinearClassifierModel"), message);
    assertTrue(message.contains("NetworkClassifierModel"), message);
  }

  /** Changes the row beside the metadata. */
  private void rewrite(UnaryOperator<Dataset<Row>> change) {
    String data = folder.resolve("model").resolve(ModelFiles.DATA).toString();
    Dataset<Row> saved = LocalSpark.session().read().parquet(data);
    // What is overwritten cannot be read meanwhile.
    Dataset<Row> copy = LocalSpark.session().createDataFrame(saved.collectAsList(), saved.schema());
    change.apply(copy).write().mode("overwrite").parquet(data);
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
