package io.github.sparkbilevel.ml;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.ml.LinearClassifierModel.Parts;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.SquaredLoss;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.ml.attribute.Attribute;
import org.apache.spark.ml.evaluation.MulticlassClassificationEvaluator;
import org.apache.spark.ml.feature.IndexToString;
import org.apache.spark.ml.linalg.DenseVector;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class LinearClassifierModelTest {
  private static final double NO_CLIP = Double.POSITIVE_INFINITY;
  private static final double TOLERANCE = 1e-12;

  static Stream<Arguments> cases() {
    return Stream.of(Models.softmax(3), Models.softmax(26), Models.logistic())
        .flatMap(
            loss ->
                Stream.of(true, false)
                    .flatMap(
                        intercept ->
                            Stream.of(
                                Arguments.of(loss, intercept, false, NO_CLIP),
                                Arguments.of(loss, intercept, true, NO_CLIP),
                                Arguments.of(loss, intercept, true, 1.5))));
  }

  static Stream<Arguments> linearCases() {
    return cases()
        .map(Arguments::get)
        .filter(c -> c[3].equals(NO_CLIP))
        .map(c -> Arguments.of(c[0], c[1], c[2]));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void transformsAsComputedDirectly(
      Loss loss, boolean intercept, boolean standardised, double clip) {
    Parts parts = Models.parts(loss, 5, intercept, standardised, clip, 3);
    List<Vector> rows = Models.rows(20, 5, 4);
    List<Row> out =
        new LinearClassifierModel(parts)
            .transform(Models.table(rows, loss.classes()))
            .collectAsList();
    assertEquals(rows.size(), out.size());
    for (Row row : out) {
      Vector features = row.getAs("features");
      Vector raw = row.getAs("rawPrediction");
      Vector probability = row.getAs("probability");
      assertArrayEquals(Models.margins(parts, features), raw.toArray(), 1e-10);
      assertArrayEquals(Models.probabilities(parts, features), probability.toArray(), TOLERANCE);
      assertEquals(
          Models.largest(Models.margins(parts, features)), row.<Double>getAs("prediction"));
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void scoresSparseRowsAsDenseOnes(
      Loss loss, boolean intercept, boolean standardised, double clip) {
    Parts parts = Models.parts(loss, 5, intercept, standardised, clip, 5);
    LinearClassifierModel model = new LinearClassifierModel(parts);
    for (Vector row : Models.rows(20, 5, 6)) {
      assertArrayEquals(
          model.predictRaw(row).toArray(), model.predictRaw(row.toSparse()).toArray(), 1e-10);
    }
    Vector explicitZero = Vectors.sparse(5, new int[] {0, 2}, new double[] {0, 1});
    assertArrayEquals(
        Models.margins(parts, explicitZero), model.predictRaw(explicitZero).toArray(), 1e-10);
  }

  @ParameterizedTest
  @MethodSource("linearCases")
  void givesTheCoefficientsOfRawFeatures(Loss loss, boolean intercept, boolean standardised) {
    Parts parts = Models.parts(loss, 5, intercept, standardised, NO_CLIP, 7);
    LinearClassifierModel model = new LinearClassifierModel(parts);
    assertEquals(loss.outputs(), model.coefficientMatrix().numRows());
    assertEquals(5, model.coefficientMatrix().numCols());
    for (Vector row : Models.rows(5, 5, 8)) {
      DenseVector z = model.coefficientMatrix().multiply(row);
      double[] expected = Models.margins(parts, row);
      for (int k = 0; k < loss.outputs(); k++) {
        // The last margin of the logistic family is that of its one output.
        double margin = expected[expected.length - loss.outputs() + k];
        assertEquals(margin, z.apply(k) + model.interceptVector().apply(k), 1e-10);
      }
    }
  }

  @Test
  void givesTheCoefficientsOfStandardisedFeaturesWithClip() {
    Parts parts = Models.parts(Models.softmax(3), 4, true, true, 2, 9);
    LinearClassifierModel model = new LinearClassifierModel(parts);
    assertEquals(2, model.clip());
    for (int k = 0; k < 3; k++) {
      for (int j = 0; j < 4; j++) {
        assertEquals(parts.theta()[k * 5 + j], model.coefficientMatrix().apply(k, j));
      }
      assertEquals(parts.theta()[k * 5 + 4], model.interceptVector().apply(k));
    }
  }

  @Test
  void ignoresConstantFeatures() {
    LinearClassifierModel model = new LinearClassifierModel(Models.threeClasses());
    Vector one = Vectors.dense(1, 2, 3, 4);
    Vector other = Vectors.dense(1, -500, 3, 4);
    assertEquals(model.predictRaw(one), model.predictRaw(other));
  }

  @Test
  void survivesLargeMargins() {
    LinearClassifierModel softmax = oneFeature(Models.softmax(2), 700, -700);
    assertEquals(Vectors.dense(1, 0), softmax.predictProbability(Vectors.dense(2)));
    LinearClassifierModel logistic = oneFeature(Models.logistic(), 700);
    assertEquals(Vectors.dense(0, 1), logistic.predictProbability(Vectors.dense(2)));
    // σ(−700) = e^−700 to 300 digits; 1 − σ(700) would be 0.
    double tiny = logistic.predictProbability(Vectors.dense(1)).apply(0);
    assertEquals(1, tiny / Math.exp(-700), 1e-9);
  }

  @Test
  void prefersTheFirstClassOfEquals() {
    assertEquals(0, oneFeature(Models.logistic(), 1).predict(Vectors.dense(0)));
    assertEquals(0, oneFeature(Models.softmax(3), 1, 1, 1).predict(Vectors.dense(5)));
  }

  @Test
  void givesNaNForValuesThatAreNotNumbers() {
    LinearClassifierModel model = new LinearClassifierModel(Models.threeClasses());
    Vector row = Vectors.dense(1, 2, Double.NaN, 4);
    assertTrue(Double.isNaN(model.predictProbability(row).apply(0)));
    assertTrue(Double.isNaN(model.predictProbability(row.toSparse()).apply(0)));
  }

  @Test
  void copiesItsArrays() {
    Parts parts = Models.threeClasses();
    LinearClassifierModel model = new LinearClassifierModel(parts);
    Vector row = Vectors.dense(1, 2, 3, 4);
    Vector before = model.predictRaw(row);
    Vector sparseBefore = model.predictRaw(row.toSparse());
    parts.theta()[0] = 99;
    parts.mean()[0] = 99;
    parts.scale()[0] = 99;
    assertEquals(before, model.predictRaw(row));
    assertEquals(sparseBefore, model.predictRaw(row.toSparse()));
  }

  @Test
  void knowsLabels() {
    Parts parts = Models.threeClasses();
    LinearClassifierModel model = new LinearClassifierModel(parts);
    assertEquals(List.of("label 0", "label 1", "label 2"), model.labels());
    assertEquals(Models.names("feature ", 4), model.featureNames());
    assertEquals(3, model.numClasses());
    assertEquals(4, model.numFeatures());
    for (Vector row : Models.rows(10, 4, 12)) {
      double[] p = Models.probabilities(parts, row);
      assertEquals("label " + Models.largest(p), model.predictLabel(row));
      assertEquals(p[2], model.probabilityOf(row, "label 2"), TOLERANCE);
    }
    assertMessage(
        "got the label 'cat', expected one of label 0, label 1, label 2",
        () -> model.probabilityOf(Vectors.zeros(4), "cat"));
  }

  @Test
  void predictionsTurnIntoLabels() {
    Parts parts = Models.threeClasses();
    LinearClassifierModel model = new LinearClassifierModel(parts).setPredictionCol("class");
    Dataset<Row> out = model.transform(Models.table(Models.rows(30, 4, 13), 3));
    List<Row> rows =
        new IndexToString()
            .setInputCol("class")
            .setOutputCol("name")
            .transform(out)
            .collectAsList();
    for (Row row : rows) {
      assertEquals(model.predictLabel(row.getAs("features")), row.getAs("name"));
    }
    assertTrue(rows.stream().map(row -> row.getAs("name")).distinct().count() > 1);
    // What transformSchema promises is what transform gives.
    StructType promised = model.transformSchema(Models.table(Models.rows(1, 4, 1), 3).schema());
    assertEquals(promised.apply("class").metadata(), out.schema().apply("class").metadata());
    Attribute attribute = Attribute.fromStructField(promised.apply("class"));
    assertTrue(attribute.isNominal());
    assertEquals("class", attribute.name().get());
  }

  @Test
  void obeysThresholds() {
    Vector row = Vectors.dense(1, 2, 3, 4);
    LinearClassifierModel model = new LinearClassifierModel(Models.threeClasses());
    int free = (int) model.predict(row);
    double[] thresholds = {1, 1, 1};
    thresholds[(free + 1) % 3] = 0;
    model.setThresholds(thresholds);
    assertEquals((free + 1) % 3, model.predict(row));
    assertEquals("label " + (free + 1) % 3, model.predictLabel(row));
    List<Row> out = model.transform(Models.table(List.of(row), 3)).collectAsList();
    assertEquals((free + 1) % 3, out.get(0).<Double>getAs("prediction"));
  }

  @Test
  void namesItsColumnsAsTold() {
    LinearClassifierModel model =
        new LinearClassifierModel(Models.threeClasses())
            .setFeaturesCol("x")
            .setProbabilityCol("p")
            .setRawPredictionCol("")
            .setPredictionCol("");
    Dataset<Row> table = Models.table(Models.rows(3, 4, 1), 3).withColumnRenamed("features", "x");
    assertEquals(List.of("x", "label", "p"), List.of(model.transform(table).columns()));
    Row row = model.transform(table).first();
    Vector p = row.getAs("p");
    assertArrayEquals(
        Models.probabilities(Models.threeClasses(), row.getAs("x")), p.toArray(), TOLERANCE);
  }

  @Test
  void ownsItsParams() {
    LinearClassifierModel model = new LinearClassifierModel("mine", Models.threeClasses());
    assertEquals("mine", model.uid());
    for (Param<?> param : model.params()) {
      assertEquals("mine", param.parent(), param.name());
    }
    assertTrue(model.explainParams().contains("probabilityCol"));
    assertTrue(model.toString().contains("numClasses=3"));
    assertNotEquals(
        new LinearClassifierModel(Models.threeClasses()).uid(),
        new LinearClassifierModel(Models.threeClasses()).uid());
  }

  @Test
  void copyKeepsEverything() {
    LinearClassifierModel model =
        new LinearClassifierModel(Models.threeClasses())
            .setProbabilityCol("p")
            .setThresholds(new double[] {0.1, 0.2, 0.3});
    LinearClassifierModel copy = model.copy(new ParamMap().put(model.predictionCol(), "other"));
    assertEquals(model.uid(), copy.uid());
    assertEquals("p", copy.getProbabilityCol());
    assertArrayEquals(model.getThresholds(), copy.getThresholds());
    assertEquals("other", copy.getPredictionCol());
    assertEquals("prediction", model.getPredictionCol());
    assertSame(model.labels(), copy.labels());
    assertSame(model.featureNames(), copy.featureNames());
    Vector row = Vectors.dense(1, 2, 3, 4);
    assertEquals(model.predictRaw(row), copy.predictRaw(row));
    for (Param<?> param : copy.params()) {
      assertEquals(copy.uid(), param.parent(), param.name());
    }
  }

  @Test
  void isEvaluatedBySpark() {
    Parts parts = Models.threeClasses();
    List<Vector> rows = Models.rows(60, 4, 14);
    Dataset<Row> out = new LinearClassifierModel(parts).transform(Models.table(rows, 3));
    double right = 0;
    double loss = 0;
    for (int i = 0; i < rows.size(); i++) {
      double[] p = Models.probabilities(parts, rows.get(i));
      right += Models.largest(p) == i % 3 ? 1 : 0;
      loss -= Math.log(Math.max(p[i % 3], 1e-15));
    }
    MulticlassClassificationEvaluator evaluator = new MulticlassClassificationEvaluator();
    assertEquals(right / 60, evaluator.setMetricName("accuracy").evaluate(out), TOLERANCE);
    assertEquals(loss / 60, evaluator.setMetricName("logLoss").evaluate(out), 1e-10);
  }

  @Test
  void refusesRowsOfAnotherWidth() {
    LinearClassifierModel model = new LinearClassifierModel(Models.threeClasses());
    String expected =
        "the row has 3 features, expected 4; assemble the columns the model was trained on: "
            + "feature 0, feature 1, feature 2, feature 3";
    assertMessage(expected, () -> model.predictRaw(Vectors.dense(1, 2, 3)));
    assertMessage(expected, () -> model.predictRaw(Vectors.dense(1, 2, 3).toSparse()));

    Dataset<Row> out = model.transform(Models.table(Models.rows(2, 3, 1), 3));
    Throwable cause = assertThrows(Exception.class, out::collectAsList);
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    assertTrue(cause.getMessage().contains(expected), cause.getMessage());
  }

  @Test
  void namesNoMoreThanAFewFeatures() {
    LinearClassifierModel model =
        new LinearClassifierModel(Models.parts(Models.logistic(), 100, true, false, NO_CLIP, 1));
    String message =
        assertThrows(IllegalArgumentException.class, () -> model.predictRaw(Vectors.zeros(1)))
            .getMessage();
    assertTrue(message.endsWith("feature 7 and 92 more"), message);
  }

  @Test
  void refusesPartsThatDoNotFit() {
    LinearModel model = new LinearModel(Models.softmax(2), 2, true);
    double[] theta = new double[6];
    double[] two = new double[2];
    List<String> ab = List.of("a", "b");
    assertMessage(
        "got 5 parameters, expected 6 by the model",
        () -> new Parts(model, new double[5], null, null, NO_CLIP, ab, ab));
    assertMessage(
        "got 1 labels, expected 2 by the model",
        () -> new Parts(model, theta, null, null, NO_CLIP, List.of("a"), ab));
    assertMessage(
        "got the label 'a' for two classes, expected different labels",
        () -> new Parts(model, theta, null, null, NO_CLIP, List.of("a", "a"), ab));
    assertMessage(
        "got 3 feature names, expected 2 by the model",
        () -> new Parts(model, theta, null, null, NO_CLIP, ab, List.of("a", "b", "c")));
    assertMessage(
        "got 3 means, expected 2 by the model",
        () -> new Parts(model, theta, new double[3], two, NO_CLIP, ab, ab));
    assertMessage(
        "got 3 scales, expected 2 by the model",
        () -> new Parts(model, theta, two, new double[3], NO_CLIP, ab, ab));
    assertMessage(
        "got only one of mean and scale, expected both, or null for both",
        () -> new Parts(model, theta, two, null, NO_CLIP, ab, ab));
    assertMessage(
        "got clip = NaN, expected a positive number, infinite for none",
        () -> new Parts(model, theta, two, two, Double.NaN, ab, ab));
    assertMessage(
        "got clip = 3.0 without mean and scale, expected an infinite one: only standardised"
            + " features are limited",
        () -> new Parts(model, theta, null, null, 3, ab, ab));
    assertMessage(
        "got a model with SquaredLoss, expected a classifier: softmax or logistic",
        () ->
            new Parts(
                new LinearModel(new SquaredLoss(), 2, true), two, null, null, NO_CLIP, ab, ab));
  }

  /** A model of one feature without intercepts. */
  private static LinearClassifierModel oneFeature(Loss loss, double... theta) {
    return new LinearClassifierModel(
        new Parts(
            new LinearModel(loss, 1, false),
            theta,
            null,
            null,
            NO_CLIP,
            Models.names("label ", loss.classes()),
            List.of()));
  }

  private static void assertMessage(String expected, Runnable act) {
    assertEquals(expected, assertThrows(IllegalArgumentException.class, act::run).getMessage());
  }
}
