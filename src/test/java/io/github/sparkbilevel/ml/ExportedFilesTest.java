package io.github.sparkbilevel.ml;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.data.LocalSpark;
import io.github.sparkbilevel.ml.score.ModelParts;
import io.github.sparkbilevel.ml.score.Scaling;
import io.github.sparkbilevel.model.Convolution;
import io.github.sparkbilevel.model.Dense;
import io.github.sparkbilevel.model.Layer;
import io.github.sparkbilevel.model.Layers;
import io.github.sparkbilevel.model.LinearModel;
import io.github.sparkbilevel.model.LogisticLoss;
import io.github.sparkbilevel.model.Losses;
import io.github.sparkbilevel.model.Model;
import io.github.sparkbilevel.model.Network;
import io.github.sparkbilevel.model.ParameterBlock;
import io.github.sparkbilevel.model.Preset;
import io.github.sparkbilevel.model.RowShape;
import io.github.sparkbilevel.model.SoftmaxLoss;
import io.github.sparkbilevel.model.SquaredHingeLoss;
import io.github.sparkbilevel.model.Stack;
import io.github.sparkbilevel.model.Window;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** ONNX Runtime says of exported models what the models say themselves. */
class ExportedFilesTest {
  private static final double TOLERANCE = 1e-5;
  private static final int ROWS = 7;

  @TempDir Path folder;

  @BeforeAll
  static void start() {
    LocalSpark.session();
  }

  /** Rows whose numbers are single-precision, as those of the file are. */
  private static float[][] rows(int count, int features, long seed) {
    Random random = new Random(seed);
    float[][] rows = new float[count][features];
    for (float[] row : rows) {
      for (int j = 0; j < features; j++) {
        row[j] = (float) (3 * random.nextGaussian() + 1);
      }
    }
    return rows;
  }

  private static Vector vector(float[] row) {
    return Vectors.dense(IntStream.range(0, row.length).mapToDouble(j -> row[j]).toArray());
  }

  /** Parameters that leave outputs of a size at which probabilities tell them apart. */
  private static <M extends Model> ModelParts<M> parts(M model, Scaling scaling, int labels) {
    Random random = new Random(5);
    double[] theta = model.initial(3);
    for (int j = 0; j < theta.length; j++) {
      theta[j] += 0.05 * random.nextGaussian();
    }
    return new ModelParts<>(model, theta, scaling, Models.names("label ", labels), List.of());
  }

  private static Scaling standardised(int features, double clip) {
    Random random = new Random(9);
    double[] scale = random.doubles(features, 0.2, 0.5).toArray();
    scale[0] = 0;
    return new Scaling(random.doubles(features, 0, 2).toArray(), scale, clip);
  }

  private double[][] ran(float[][] rows) throws Exception {
    return OnnxModel.read(folder.resolve("model.onnx")).run(rows);
  }

  private void assertSame(ClassifierModel<?> model, float[][] rows) throws Exception {
    model.writeOnnx(folder.resolve("model.onnx").toString());
    double[][] told = ran(rows);
    assertEquals(rows.length, told.length);
    double most = 0;
    for (int i = 0; i < rows.length; i++) {
      double[] expected = model.predictProbability(vector(rows[i])).toArray();
      assertArrayEquals(expected, told[i], TOLERANCE);
      most = Math.max(most, 1 - Arrays.stream(expected).max().getAsDouble());
    }
    assertTrue(most > 0.05, "the rows are too easy to tell anything");
  }

  private static NetworkClassifierModel network(int features, String layers) {
    Network model = Network.of(new SoftmaxLoss(4), features, Layers.read(layers));
    return new NetworkClassifierModel(parts(model, standardised(features, 2.5), 4));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[{dense: 5}]",
        "[{projection: 5}]",
        "[{activation: 'relu'}]",
        "[{activation: 'tanh'}]",
        "[{activation: 'gelu'}]",
        "[{activation: 'identity'}]",
        "[{residual: [{dense: 72}, {activation: 'tanh'}]}]",
        "[{pointwise: 5}, {layer-norm: true}, {group-norm: 5}, {mean: true}]",
        "[{shape: [6, 6, 2]}]",
        "[{shape: [6, 6, 2]}, {conv: {channels: 3, window: 3, padding: 1}}]",
        "[{shape: [6, 6, 2]}, {conv: {channels: 3, window: 2, stride: 2}}]",
        "[{shape: [4, 9, 2]}, {conv: {channels: 3, window: 4, stride: 3, padding: 2}}]",
        "[{shape: [6, 6, 2]}, {pool: 2}]",
        "[{shape: [6, 6, 2]}, {pool: {window: 3, stride: 2, padding: 1}}]",
        "[{shape: [6, 6, 2]}, {pool: {kind: 'mean', window: 3, stride: 2, padding: 1}}]",
        "[{shape: [4, 9, 2]}, {mean: true}]",
        "[{shape: [3, 4, 6]}, {group-norm: 3}]",
        "[{shape: [3, 4, 6]}, {layer-norm: true}]",
        "[{shape: [3, 4, 6]}, {pointwise: 5}, {activation: 'gelu'}]",
        "[{shape: [9, 8]}, {layer-norm: true}]",
        "[{shape: [9, 8]}, {group-norm: 2}]",
        "[{shape: [9, 8]}, {pointwise: 3}]",
        "[{shape: [9, 8]}, {attention: 2}]",
        "[{shape: [9, 8]}, {feed-forward: 3}]",
        "[{shape: [2, 3, 4, 3]}, {pointwise: 5}, {group-norm: 5}, {mean: true}]",
        "[{shape: [6, 6, 2]}, {conv: {channels: 4, window: 3}}, {group-norm: 2},"
            + " {activation: 'relu'}, {residual: [{conv: {channels: 4, window: 3, padding: 1}},"
            + " {residual: [{pointwise: 4}]}]}, {pool: 2}, {dense: 8}, {shape: [2, 4]},"
            + " {residual: [{layer-norm: true}, {attention: 4}]}, {mean: true}, {dense: 3}]"
      })
  void agreesForLayers(String layers) throws Exception {
    assertSame(network(72, layers), rows(ROWS, 72, 1));
  }

  /** Of 8 steps of tokens, some of them padding; or of 4 numbers and a mark. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "[{embedding: {vocabulary: 6, width: 5}}, {dense: 4}]",
        "[{embedding: {vocabulary: 6, width: 5, positions: true}}, {mean: true}]",
        "[{embedding: {vocabulary: 6, width: 4, positions: true}},"
            + " {residual: [{layer-norm: true}, {attention: 2}]}, {feed-forward: 2},"
            + " {mean: true}, {dense: 5}, {shape: [5, 1]}, {attention: 1}, {mean: true}]",
        "[{shape: [2, 4]}, {mask: true}, {attention: 1}, {mean: true}]",
        "[{shape: [4, 2]}, {mask: true}, {pointwise: 3}, {activation: 'tanh'}, {mean: true}]"
      })
  void agreesForRowsOfFewerSteps(String layers) throws Exception {
    float[][] rows = new float[ROWS][8];
    for (int i = 0; i < ROWS; i++) {
      for (int t = 0; t < 8; t++) {
        rows[i][t] = t < i + 1 ? (3 * i + t * t) % 6 : -1;
        boolean isMark = layers.contains("[2, 4]") ? t % 4 == 3 : t % 2 == 1;
        if (layers.contains("mask") && isMark) {
          rows[i][t] = i < 3 && t > 3 ? 0 : 1;
        }
      }
    }
    Arrays.fill(rows[0], layers.contains("mask") ? 0 : -1);
    Network model = Network.of(new SoftmaxLoss(4), 8, Layers.read(layers));
    assertSame(new NetworkClassifierModel(parts(model, Scaling.NONE, 4)), rows);
  }

  @Test
  void agreesForPresets() throws Exception {
    for (Preset preset : Preset.values()) {
      List<Integer> shape =
          preset == Preset.TRANSFORMER_BLOCK ? List.of(7, 12) : List.of(28, 28, 1);
      int features = shape.stream().reduce(1, Math::multiplyExact);
      List<Map<String, Object>> form = new ArrayList<>(List.of(Layers.shape(shape)));
      form.addAll(preset.form());
      Network model = Network.of(new SoftmaxLoss(10), features, form);
      assertSame(
          new NetworkClassifierModel(parts(model, standardised(features, 5), 10)),
          rows(ROWS, features, 2));
    }
  }

  /** Of a program, whose rows lie channel by channel. */
  @Test
  void agreesWhereImagesComeWithoutShape() throws Exception {
    Layer conv = new Convolution(RowShape.image(4, 5, 2), new Window(3, 1, 0), 3);
    Stack layers = Stack.of(conv, Dense.of(conv.out().size(), 3));
    Network model = Network.of(new SoftmaxLoss(3), layers);
    assertSame(new NetworkClassifierModel(parts(model, Scaling.NONE, 3)), rows(ROWS, 40, 3));
  }

  static Stream<LinearModel> classifiers() {
    return Stream.of(
        new LinearModel(new SoftmaxLoss(3), 6, true),
        new LinearModel(new SoftmaxLoss(3), 6, false),
        new LinearModel(new LogisticLoss(), 6, true),
        new LinearModel(new SquaredHingeLoss(), 6, true));
  }

  @ParameterizedTest
  @MethodSource("classifiers")
  void agreesForLinearClassifiers(LinearModel model) throws Exception {
    int classes = model.loss().classes();
    for (Scaling scaling : List.of(Scaling.NONE, standardised(6, Double.POSITIVE_INFINITY))) {
      ModelParts<LinearModel> parts = parts(model, scaling, classes);
      assertSame(new LinearClassifierModel(parts), rows(ROWS, 6, 4));
    }
  }

  @Test
  void agreesForSeveralLabels() throws Exception {
    MultiLabelModel model = new MultiLabelModel(Models.threeLabels());
    model.writeOnnx(folder.resolve("model.onnx").toString());
    float[][] rows = rows(ROWS, 4, 6);
    double[][] told = ran(rows);
    for (int i = 0; i < ROWS; i++) {
      assertArrayEquals(model.predictProbability(vector(rows[i])).toArray(), told[i], TOLERANCE);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"squared", "huber 1", "quantile 0.9", "poisson", "gamma", "tweedie 1.5"})
  void agreesForRealLabels(String loss) throws Exception {
    LinearModel linear = new LinearModel(Losses.of(loss), 6, true);
    LinearRegressorModel model =
        new LinearRegressorModel(parts(linear, standardised(6, Double.POSITIVE_INFINITY), 0));
    model.writeOnnx(folder.resolve("model.onnx").toString());
    float[][] rows = rows(ROWS, 6, 7);
    double[][] told = ran(rows);
    for (int i = 0; i < ROWS; i++) {
      double expected = model.predict(vector(rows[i]));
      assertArrayEquals(new double[] {expected}, told[i], TOLERANCE * (1 + expected));
    }
  }

  @Test
  void meansMayBeLargeAgainstDeviations() throws Exception {
    double mean = 12_345_678;
    LinearModel linear = new LinearModel(new SoftmaxLoss(2), 2, true);
    Scaling scaling = new Scaling(new double[] {mean + 0.3, 0}, new double[] {0.7, 1}, 4);
    double[] theta = {1, -1, 0.5, -0.3, 0.2, 0};
    LinearClassifierModel model =
        new LinearClassifierModel(
            new ModelParts<>(linear, theta, scaling, List.of("a", "b"), List.of()));
    assertSame(model, new float[][] {{(float) mean, 1}, {(float) mean + 1, -1}});
  }

  @Test
  void numbersThatAreNoneGiveNone() throws Exception {
    network(72, "[{dense: 5}]").writeOnnx(folder.resolve("model.onnx").toString());
    float[][] rows = rows(1, 72, 1);
    rows[0][3] = Float.NaN;
    assertTrue(Arrays.stream(ran(rows)[0]).allMatch(Double::isNaN));
  }

  @Test
  void classesWithoutRowsHaveNoProbability() throws Exception {
    LinearModel linear = new LinearModel(new SoftmaxLoss(3), 1, true);
    double[] theta = {1, 0.5, 0, Double.NEGATIVE_INFINITY, -1, 0.1};
    LinearClassifierModel model =
        new LinearClassifierModel(
            new ModelParts<>(linear, theta, Scaling.NONE, List.of("a", "b", "c"), List.of()));
    assertSame(model, new float[][] {{0.2f}, {-1}});
    assertEquals(0, ran(new float[][] {{0.2f}})[0][1]);
  }

  @Test
  void tellsNamesAndParameters() throws Exception {
    Network network = Network.of(new SoftmaxLoss(2), 3, Layers.read("[{dense: 4}]"));
    new NetworkClassifierModel(
            new ModelParts<>(
                network,
                network.initial(1),
                Scaling.NONE,
                List.of("no", "y\"es"),
                List.of("p", "q", "r")))
        .writeOnnx(folder.resolve("model.onnx").toString());
    OnnxModel model = OnnxModel.read(folder.resolve("model.onnx"));
    assertEquals(List.of("features"), model.inputs());
    assertEquals(List.of("probabilities"), model.outputs());
    assertEquals("[\"no\",\"y\\\"es\"]", model.properties().get("labels"));
    assertEquals("[\"p\",\"q\",\"r\"]", model.properties().get("featureNames"));
    assertEquals("spark-bilevel", model.producer());
  }

  @Test
  void sameModelSameBytes() throws Exception {
    NetworkClassifierModel model = network(72, "[{shape: [9, 8]}, {attention: 2}]");
    Path first = folder.resolve("first.onnx");
    Path second = folder.resolve("second.onnx");
    model.writeOnnx(first.toString());
    model.writeOnnx(second.toString());
    assertArrayEquals(Files.readAllBytes(first), Files.readAllBytes(second));
  }

  /** A layer that knows nothing of ONNX. */
  private record Doubled(RowShape in) implements Layer {
    @Override
    public RowShape out() {
      return in;
    }

    @Override
    public List<ParameterBlock> parameters() {
      return List.of();
    }

    @Override
    public List<Map<String, Object>> form() {
      return List.of();
    }

    @Override
    public <A> io.github.sparkbilevel.model.Tape<A> tape(
        io.github.sparkbilevel.backend.Tile<A> tile, int at) {
      throw new UnsupportedOperationException();
    }
  }

  @Test
  void refusesLayersThatDoNotSayHow() {
    Stack layers = Stack.of(new Doubled(RowShape.vector(3)), Dense.of(3, 2));
    NetworkClassifierModel model =
        new NetworkClassifierModel(parts(Network.of(new SoftmaxLoss(2), layers), Scaling.NONE, 2));
    Path file = folder.resolve("model.onnx");
    UnsupportedOperationException e =
        assertThrows(UnsupportedOperationException.class, () -> model.writeOnnx(file.toString()));
    assertTrue(e.getMessage().contains(Doubled.class.getName()));
    assertFalse(Files.exists(file));
  }
}
