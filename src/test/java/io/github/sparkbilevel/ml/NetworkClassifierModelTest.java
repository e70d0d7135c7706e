package io.github.sparkbilevel.ml;

import static io.github.sparkbilevel.ml.ClassifierModelTest.assertMessage;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.DenseFeatures;
import io.github.sparkbilevel.ml.score.ModelParts;
import io.github.sparkbilevel.ml.score.Scaling;
import io.github.sparkbilevel.model.Activation;
import io.github.sparkbilevel.model.BlockKernel;
import io.github.sparkbilevel.model.Loss;
import io.github.sparkbilevel.model.Network;
import io.github.sparkbilevel.model.RowOutputs;
import io.github.sparkbilevel.model.SquaredLoss;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a network has beside what {@link ClassifierModelTest} checks of any classifier. */
class NetworkClassifierModelTest {
  private static final double NO_CLIP = Double.POSITIVE_INFINITY;

  static Stream<Sample> networks() {
    return ClassifierModelTest.cases().filter(sample -> sample.model() instanceof Network);
  }

  /** Outputs and probabilities of the kernel that networks are trained by. */
  private static double[] ofRow(double[] byOutput, int rows, int row) {
    double[] numbers = new double[byOutput.length / rows];
    Arrays.setAll(numbers, k -> byOutput[k * rows + row]);
    return numbers;
  }

  private static RowOutputs trained(Sample sample, List<Vector> rows) {
    int features = sample.model().features();
    double[] values = new double[rows.size() * features];
    for (int i = 0; i < rows.size(); i++) {
      System.arraycopy(sample.standardised(rows.get(i)), 0, values, i * features, features);
    }
    Block block =
        new Block(
            LongStream.range(0, rows.size()).toArray(),
            DenseFeatures.ofDoubles(rows.size(), features, values),
            new double[rows.size()]);
    // The outputs are linear in the last layer: along it their derivative is what they are.
    double[] last = sample.theta().clone();
    Arrays.fill(last, 0, sample.model().last().at(), 0);
    RowOutputs outputs = RowOutputs.allocate(rows.size(), 1, sample.model().outputs(), true);
    BlockKernel.of(sample.model(), "jvm").predict(block, sample.theta(), 1, last, outputs);
    return outputs;
  }

  @ParameterizedTest
  @MethodSource("networks")
  void saysWhatTheKernelSaysOfStandardisedRows(Sample sample) {
    List<Vector> rows = Models.rows(30, 5, 31);
    RowOutputs trained = trained(sample, rows);
    ClassifierModel<?> model = sample.classifier();
    for (int i = 0; i < rows.size(); i++) {
      double[] z = ofRow(trained.tangents(), rows.size(), i);
      double[] p = ofRow(trained.predictions(), rows.size(), i);
      double size = 1 + Arrays.stream(z).map(Math::abs).max().getAsDouble();
      assertArrayEquals(z, model.predictRaw(rows.get(i)).toArray(), 1e-12 * size);
      assertArrayEquals(p, model.predictProbability(rows.get(i)).toArray(), 1e-12 * size);
    }
  }

  @Test
  void meansMayBeLargeAgainstDeviations() {
    Sample small = Models.network(3, List.of(8), Activation.GELU, false, NO_CLIP, 41);
    double[] mean = {1e9, -3e8, 5e8};
    Sample shifted = small.with(small.theta(), mean, new double[] {1, 1, 1}, NO_CLIP);
    Random random = new Random(42);
    for (int i = 0; i < 20; i++) {
      // Eighths are exact beside 1e9.
      double[] x = random.ints(3, -16, 17).mapToDouble(n -> n / 8.0).toArray();
      double[] raw = {x[0] + mean[0], x[1] + mean[1], x[2] + mean[2]};
      assertEquals(
          small.classifier().predictRaw(Vectors.dense(x)),
          shifted.classifier().predictRaw(Vectors.dense(raw)));
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {1, -1})
  void survivesLargeMargins(double sign) {
    // One relu unit that hands the feature on, and outputs ±w times it.
    double[] theta = {1, 0, 700 * sign, 0, -700 * sign, 0};
    NetworkClassifierModel model =
        new NetworkClassifierModel(parts(1, List.of(1), Activation.RELU, Models.softmax(2), theta));
    int certain = sign > 0 ? 0 : 1;
    for (double x : new double[] {2, 1e6, 1e300}) {
      Vector p = model.predictProbability(Vectors.dense(x));
      assertEquals(1, p.apply(certain), "x = " + x);
      assertEquals(0, p.apply(1 - certain), "x = " + x);
      assertEquals(certain, model.predict(Vectors.dense(x)));
    }
    // e^−700 to 300 digits: no 1 − p.
    Vector half = model.predictProbability(Vectors.dense(0.5));
    assertEquals(1, half.apply(1 - certain) / Math.exp(-700), 1e-9);
    assertEquals(Vectors.dense(0.5, 0.5), model.predictProbability(Vectors.dense(-3)));
    assertEquals(0, model.predict(Vectors.dense(-3)));
  }

  @Test
  void saturatedUnitsAreAtTheirLimits() {
    double[] theta = {1, 0, 3, 1, -3, 2};
    for (double x : new double[] {1e3, 1e200}) {
      NetworkClassifierModel tanh =
          new NetworkClassifierModel(
              parts(1, List.of(1), Activation.TANH, Models.softmax(2), theta));
      assertEquals(Vectors.dense(4, -1), tanh.predictRaw(Vectors.dense(x)));
      assertEquals(Vectors.dense(-2, 5), tanh.predictRaw(Vectors.dense(-x)));
      NetworkClassifierModel gelu =
          new NetworkClassifierModel(
              parts(1, List.of(1), Activation.GELU, Models.softmax(2), theta));
      assertEquals(Vectors.dense(1, 2), gelu.predictRaw(Vectors.dense(-x)));
      assertEquals(1, gelu.predictRaw(Vectors.dense(x)).apply(0) / (3 * x + 1), 1e-15);
    }
  }

  @Test
  void withoutHiddenLayersItIsALinearModel() {
    Sample linear = Models.linear(Models.softmax(3), 5, true, true, 1.5, 51);
    NetworkClassifierModel network =
        new NetworkClassifierModel(
            new ModelParts<>(
                Network.dense(Models.softmax(3), 5, List.of(), Activation.TANH),
                linear.theta(),
                new Scaling(linear.mean(), linear.scale(), linear.clip()),
                linear.labels(),
                linear.featureNames()));
    assertArrayEquals(new int[] {5, 3}, network.layers());
    for (Vector row : Models.rows(10, 5, 52)) {
      assertEquals(linear.classifier().predictRaw(row), network.predictRaw(row));
      assertEquals(
          linear.classifier().predictRaw(row.toSparse()), network.predictRaw(row.toSparse()));
    }
  }

  @Test
  void knowsItsShape() {
    NetworkClassifierModel model =
        new NetworkClassifierModel("mine", Models.threeClassNetwork().network());
    assertEquals("mine", model.uid());
    assertArrayEquals(new int[] {4, 5, 3, 3}, model.layers());
    assertEquals(
        "[{\"dense\":5},{\"activation\":\"tanh\"},{\"dense\":3},{\"activation\":\"tanh\"},{\"dense\":3}]",
        model.architecture());
    assertEquals(NO_CLIP, model.clip());
    model.layers()[0] = 99;
    assertEquals(4, model.layers()[0]);
  }

  @Test
  void parametersComeBackAsTheyWere() {
    networks()
        .forEach(
            sample ->
                assertArrayEquals(sample.theta(), sample.scorer().theta(), sample.toString()));
  }

  @Test
  void refusesALossWithoutClasses() {
    ModelParts<Network> parts =
        parts(1, List.of(1), Activation.RELU, new SquaredLoss(), new double[4]);
    assertMessage(
        "got a model with the squared loss, expected one of classes, such as softmax or logistic",
        () -> new NetworkClassifierModel(parts));
  }

  /** Parts without standardisation. */
  private static ModelParts<Network> parts(
      int features, List<Integer> hidden, Activation activation, Loss loss, double[] theta) {
    return new ModelParts<>(
        Network.dense(loss, features, hidden, activation),
        theta,
        Scaling.NONE,
        Models.names("label ", loss.classes()),
        List.of());
  }
}
