package io.github.sparkbilevel.ml;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.model.Activation;
import io.github.sparkbilevel.model.Network;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.ml.attribute.Attribute;
import org.apache.spark.ml.evaluation.MulticlassClassificationEvaluator;
import org.apache.spark.ml.feature.IndexToString;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for classifiers of either class. */
public class ClassifierModelTest {
  private static final String EACH = "io.github.sparkbilevel.ml.Models#ofEachClass";
  private static final double NO_CLIP = Double.POSITIVE_INFINITY;
  private static final double TOLERANCE = 1e-12;

  static Stream<Sample> cases() {
    Stream<Sample> linear =
        Stream.of(Models.softmax(3), Models.softmax(26), Models.logistic())
            .flatMap(
                loss ->
                    Stream.of(true, false)
                        .flatMap(
                            intercept ->
                                Stream.of(
                                    Models.linear(loss, 5, intercept, false, NO_CLIP, 3),
                                    Models.linear(loss, 5, intercept, true, NO_CLIP, 3),
                                    Models.linear(loss, 5, intercept, true, 1.5, 3))));
    Stream<Sample> networks =
        Arrays.stream(Activation.values())
            .flatMap(
                activation ->
                    Stream.of(
                        Models.network(5, List.of(6), activation, false, NO_CLIP, 3),
                        Models.network(5, List.of(4, 1, 7), activation, true, NO_CLIP, 3),
                        Models.network(5, List.of(3, 2), activation, true, 1.5, 3)));
    Stream<Sample> others =
        Stream.of(
            Models.network(5, List.of(), Activation.RELU, true, 2, 3),
            Models.sample(
                Network.dense(Models.softmax(2), 5, List.of(1), Activation.GELU),
                true,
                NO_CLIP,
                3));
    return Stream.of(linear, networks, others).flatMap(stream -> stream);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void transformsAsComputedDirectly(Sample sample) {
    List<Vector> rows = Models.rows(20, 5, 4);
    int classes = sample.labels().size();
    List<Row> out = sample.classifier().transform(Models.table(rows, classes)).collectAsList();
    assertEquals(rows.size(), out.size());
    for (Row row : out) {
      Vector features = row.getAs("features");
      Vector raw = row.getAs("rawPrediction");
      Vector probability = row.getAs("probability");
      double[] margins = sample.margins(features);
      assertArrayEquals(margins, raw.toArray(), 1e-10);
      assertArrayEquals(sample.probabilities(features), probability.toArray(), 1e-11);
      assertEquals(1, Arrays.stream(probability.toArray()).sum(), 1e-14);
      assertEquals(Models.largest(margins), row.<Double>getAs("prediction"));
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void scoresSparseRowsAsDenseOnes(Sample sample) {
    ClassifierModel<?> model = sample.classifier();
    for (Vector row : Models.rows(20, 5, 6)) {
      assertArrayEquals(
          model.predictRaw(row).toArray(), model.predictRaw(row.toSparse()).toArray(), 1e-10);
    }
    Vector explicitZero = Vectors.sparse(5, new int[] {0, 2}, new double[] {0, 1});
    assertArrayEquals(
        sample.margins(explicitZero), model.predictRaw(explicitZero).toArray(), 1e-10);
  }

  @ParameterizedTest
  @MethodSource(EACH)
  void ignoresConstantFeatures(Sample sample) {
    ClassifierModel<?> model = sample.classifier();
    Vector one = Vectors.dense(1, 2, 3, 4);
    Vector other = Vectors.dense(1, -500, 3, 4);
    assertEquals(model.predictRaw(one), model.predictRaw(other));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void givesNaNForValuesThatAreNotNumbers(Sample sample) {
    ClassifierModel<?> model = sample.classifier();
    Vector row = Vectors.dense(1, 2, Double.NaN, 4, 5);
    for (int k = 0; k < model.numClasses(); k++) {
      assertTrue(Double.isNaN(model.predictProbability(row).apply(k)));
      assertTrue(Double.isNaN(model.predictProbability(row.toSparse()).apply(k)));
    }
  }

  @ParameterizedTest
  @MethodSource(EACH)
  void copiesItsArrays(Sample sample) {
    ClassifierModel<?> model = sample.classifier();
    Vector row = Vectors.dense(1, 2, 3, 4);
    Vector before = model.predictRaw(row);
    Vector sparseBefore = model.predictRaw(row.toSparse());
    Arrays.fill(sample.theta(), 99);
    sample.mean()[0] = 99;
    sample.scale()[0] = 99;
    assertEquals(before, model.predictRaw(row));
    assertEquals(sparseBefore, model.predictRaw(row.toSparse()));
  }

  @ParameterizedTest
  @MethodSource(EACH)
  void knowsLabels(Sample sample) {
    ClassifierModel<?> model = sample.classifier();
    assertEquals(List.of("label 0", "label 1", "label 2"), model.labels());
    assertEquals(Models.names("feature ", 4), model.featureNames());
    assertEquals(3, model.numClasses());
    assertEquals(4, model.numFeatures());
    for (Vector row : Models.rows(10, 4, 12)) {
      double[] p = sample.probabilities(row);
      assertEquals("label " + Models.largest(p), model.predictLabel(row));
      assertEquals(p[2], model.probabilityOf(row, "label 2"), TOLERANCE);
    }
    assertMessage(
        "got the label 'cat', expected one of label 0, label 1, label 2",
        () -> model.probabilityOf(Vectors.zeros(4), "cat"));
  }

  @ParameterizedTest
  @MethodSource(EACH)
  void predictionsTurnIntoLabels(Sample sample) {
    ClassifierModel<?> model = sample.classifier();
    model.setPredictionCol("class");
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

  @ParameterizedTest
  @MethodSource(EACH)
  void obeysThresholds(Sample sample) {
    Vector row = Vectors.dense(1, 2, 3, 4);
    ClassifierModel<?> model = sample.classifier();
    int free = (int) model.predict(row);
    double[] thresholds = {1, 1, 1};
    thresholds[(free + 1) % 3] = 0;
    model.setThresholds(thresholds);
    assertEquals((free + 1) % 3, model.predict(row));
    assertEquals("label " + (free + 1) % 3, model.predictLabel(row));
    List<Row> out = model.transform(Models.table(List.of(row), 3)).collectAsList();
    assertEquals((free + 1) % 3, out.get(0).<Double>getAs("prediction"));
  }

  @ParameterizedTest
  @MethodSource(EACH)
  void namesItsColumnsAsTold(Sample sample) {
    ClassifierModel<?> model = sample.classifier();
    model.setFeaturesCol("x");
    model.setProbabilityCol("p");
    model.setRawPredictionCol("");
    model.setPredictionCol("");
    Dataset<Row> table = Models.table(Models.rows(3, 4, 1), 3).withColumnRenamed("features", "x");
    assertEquals(List.of("x", "label", "p"), List.of(model.transform(table).columns()));
    Row row = model.transform(table).first();
    Vector p = row.getAs("p");
    assertArrayEquals(sample.probabilities(row.getAs("x")), p.toArray(), TOLERANCE);
  }

  @ParameterizedTest
  @MethodSource(EACH)
  void ownsItsParams(Sample sample) {
    ClassifierModel<?> model = sample.classifier();
    String word = model instanceof NetworkClassifierModel ? "network" : "linear";
    assertTrue(model.uid().matches(word + "Classifier_[0-9a-f]{12}"), model.uid());
    assertNotEquals(sample.classifier().uid(), model.uid());
    for (Param<?> param : model.params()) {
      assertEquals(model.uid(), param.parent(), param.name());
    }
    assertTrue(model.explainParams().contains("probabilityCol"));
    assertEquals(
        model.getClass().getSimpleName() + ": uid=" + model.uid() + ", numClasses=3, numFeatures=4",
        model.toString());
  }

  @ParameterizedTest
  @MethodSource(EACH)
  void copyKeepsEverything(Sample sample) {
    ClassifierModel<?> model = sample.classifier();
    model.setProbabilityCol("p");
    model.setThresholds(new double[] {0.1, 0.2, 0.3});
    ClassifierModel<?> copy = model.copy(new ParamMap().put(model.predictionCol(), "other"));
    assertSame(model.getClass(), copy.getClass());
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

  @ParameterizedTest
  @MethodSource(EACH)
  void isEvaluatedBySpark(Sample sample) {
    List<Vector> rows = Models.rows(60, 4, 14);
    Dataset<Row> out = sample.classifier().transform(Models.table(rows, 3));
    double right = 0;
    double loss = 0;
    for (int i = 0; i < rows.size(); i++) {
      double[] p = sample.probabilities(rows.get(i));
      right += Models.largest(p) == i % 3 ? 1 : 0;
      loss -= Math.log(Math.max(p[i % 3], 1e-15));
    }
    MulticlassClassificationEvaluator evaluator = new MulticlassClassificationEvaluator();
    assertEquals(right / 60, evaluator.setMetricName("accuracy").evaluate(out), TOLERANCE);
    assertEquals(loss / 60, evaluator.setMetricName("logLoss").evaluate(out), 1e-10);
  }

  @ParameterizedTest
  @MethodSource(EACH)
  void refusesRowsOfAnotherWidth(Sample sample) {
    ClassifierModel<?> model = sample.classifier();
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

  static Stream<Sample> ofTwoFeatures() {
    return Stream.of(
        Models.linear(Models.softmax(3), 2, true, true, NO_CLIP, 1),
        Models.network(2, List.of(2), Activation.RELU, true, NO_CLIP, 1));
  }

  @ParameterizedTest
  @MethodSource("ofTwoFeatures")
  void refusesPartsThatDoNotFit(Sample sample) {
    double[] theta = sample.theta();
    double[] mean = sample.mean();
    double[] scale = sample.scale();
    List<String> abc = List.of("a", "b", "c");
    List<String> ab = List.of("a", "b");
    double[] five = new double[5];
    assertMessage(
        "got 5 parameters, expected " + theta.length + " by the model",
        () -> sample.with(five, mean, scale, NO_CLIP).classifier());
    assertMessage("got 2 labels, expected 3 by the model", () -> sample.named(ab, ab).classifier());
    assertMessage(
        "got the label 'a' for two classes, expected different labels",
        () -> sample.named(List.of("a", "b", "a"), ab).classifier());
    assertMessage(
        "got 3 feature names, expected 2 by the model", () -> sample.named(abc, abc).classifier());
    assertMessage(
        "got 5 means, expected 2 by the model",
        () -> sample.with(theta, five, scale, NO_CLIP).classifier());
    assertMessage(
        "got 5 scales, expected 2 by the model",
        () -> sample.with(theta, mean, five, NO_CLIP).classifier());
    assertMessage(
        "got only one of mean and scale, expected both, or null for both",
        () -> sample.with(theta, mean, null, NO_CLIP).classifier());
    assertMessage(
        "got clip = NaN, expected a positive number, infinite for none",
        () -> sample.with(theta, mean, scale, Double.NaN).classifier());
    assertMessage(
        "got clip = 3.0 without mean and scale, expected an infinite one: only standardised"
            + " features are limited",
        () -> sample.with(theta, null, null, 3).classifier());
  }

  static void assertMessage(String expected, Runnable act) {
    assertEquals(expected, assertThrows(IllegalArgumentException.class, act::run).getMessage());
  }
}
