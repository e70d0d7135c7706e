package io.github.sparkbilevel.ml;

import static io.github.sparkbilevel.ml.ClassifierModelTest.assertMessage;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.ml.score.ModelParts;
import io.github.sparkbilevel.ml.score.Scaling;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.SquaredLoss;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.ml.linalg.DenseVector;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a linear classifier has beside what {@link ClassifierModelTest} checks of any. */
class LinearClassifierModelTest {
  private static final double NO_CLIP = Double.POSITIVE_INFINITY;

  static Stream<Sample> unlimited() {
    return ClassifierModelTest.cases()
        .filter(sample -> sample.model() instanceof LinearModel && sample.clip() == NO_CLIP);
  }

  @ParameterizedTest
  @MethodSource("unlimited")
  void givesTheCoefficientsOfRawFeatures(Sample sample) {
    int outputs = sample.model().outputs();
    LinearClassifierModel model = new LinearClassifierModel(sample.linear());
    assertEquals(outputs, model.coefficientMatrix().numRows());
    assertEquals(5, model.coefficientMatrix().numCols());
    for (Vector row : Models.rows(5, 5, 8)) {
      DenseVector z = model.coefficientMatrix().multiply(row);
      double[] expected = sample.margins(row);
      for (int k = 0; k < outputs; k++) {
        // The last margin of the logistic family is that of its one output.
        double margin = expected[expected.length - outputs + k];
        assertEquals(margin, z.apply(k) + model.interceptVector().apply(k), 1e-10);
      }
    }
  }

  @Test
  void givesTheCoefficientsOfStandardisedFeaturesWithClip() {
    ModelParts<LinearModel> parts = Models.linear(Models.softmax(3), 4, true, true, 2, 9).linear();
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
  void hasTheUidItIsGiven() {
    assertEquals("mine", new LinearClassifierModel("mine", Models.threeClasses().linear()).uid());
  }

  @Test
  void namesNoMoreThanAFewFeatures() {
    ClassifierModel<?> model =
        Models.linear(Models.logistic(), 100, true, false, NO_CLIP, 1).classifier();
    String message =
        assertThrows(IllegalArgumentException.class, () -> model.predictRaw(Vectors.zeros(1)))
            .getMessage();
    assertTrue(message.endsWith("feature 7 and 92 more"), message);
  }

  @Test
  void refusesTheSquaredLoss() {
    List<String> ab = List.of("a", "b");
    LinearModel regression = new LinearModel(new SquaredLoss(), 2, true);
    assertMessage(
        "got a model with the squared loss, expected one of classes, such as softmax or logistic",
        () ->
            new LinearClassifierModel(
                new ModelParts<>(regression, new double[3], Scaling.NONE, List.of(), ab)));
  }

  /** A model of one feature without intercepts. */
  private static LinearClassifierModel oneFeature(Loss loss, double... theta) {
    return new LinearClassifierModel(
        new ModelParts<>(
            new LinearModel(loss, 1, false),
            theta,
            Scaling.NONE,
            Models.names("label ", loss.classes()),
            List.of()));
  }
}
