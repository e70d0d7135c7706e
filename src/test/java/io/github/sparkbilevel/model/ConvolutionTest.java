package io.github.sparkbilevel.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.sparkbilevel.TestProblems;
import io.github.sparkbilevel.backend.Tile;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Layers of images against loops over pixels. */
class ConvolutionTest {
  private static final int ROWS = 3;

  private static double[] forward(Layer layer, double[] theta, double[] rows) {
    Tile<double[]> tile = Tile.doubles("jvm", ROWS);
    tile.load(ROWS);
    TileInput<double[]> x = TileInput.of(tile, rows, layer.in().size());
    return layer.tape(tile, 0).forward(tile.numbers(theta, 0, theta.length), x);
  }

  /** Weights are in the order of PyTorch: outputs, channels, lines, pixels. */
  @ParameterizedTest
  @CsvSource({"3, 1, 0", "3, 1, 1", "3, 1, 2", "2, 2, 0", "3, 2, 1", "4, 3, 2", "1, 1, 0"})
  void convolutionIsTheSumOverTheWindow(int side, int stride, int padding) {
    int height = 5;
    int width = 6;
    int channels = 2;
    int outputs = 3;
    RowShape in = RowShape.image(height, width, channels);
    Layer layer = new Convolution(in, new Window(side, stride, padding), outputs);
    double[] theta = TestProblems.vector(1, layer.size(), 1);
    double[] x = TestProblems.vector(2, ROWS * in.size(), 1);
    double[] got = forward(layer, theta, x);
    int down = layer.out().extents().get(0);
    int across = layer.out().extents().get(1);
    assertEquals((height + 2 * padding - side) / stride + 1, down);
    assertEquals((width + 2 * padding - side) / stride + 1, across);
    int weights = channels * side * side + 1;
    for (int at = 0; at < got.length; at++) {
      int place = at / ROWS % (down * across);
      int o = at / ROWS / (down * across);
      double expected = theta[(o + 1) * weights - 1];
      for (int tap = 0; tap < weights - 1; tap++) {
        int i = place / across * stride - padding + tap / side % side;
        int j = place % across * stride - padding + tap % side;
        if (i >= 0 && i < height && j >= 0 && j < width) {
          int pixel = (tap / side / side * height + i) * width + j;
          expected += theta[o * weights + tap] * x[pixel * ROWS + at % ROWS];
        }
      }
      assertEquals(expected, got[at], 1e-12);
    }
  }

  @Test
  void rowsOfPixelsBecomeChannels() {
    RowShape shape = RowShape.image(1, 2, 3);
    double[] pixels = {1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 5, 6, 6, 6};
    double[] expected = {1, 1, 1, 4, 4, 4, 2, 2, 2, 5, 5, 5, 3, 3, 3, 6, 6, 6};
    assertArrayEquals(expected, forward(new Arranged(shape), new double[0], pixels), 0);
  }

  @Test
  void poolsTakeTheGreatestOrTheMean() {
    RowShape shape = RowShape.image(2, 2, 1);
    double[] x = {1, 5, 9, 2, 6, 10, 3, 7, 11, 4, 8, 12};
    Window window = new Window(2, 2, 0);
    assertArrayEquals(
        new double[] {4, 8, 12},
        forward(new Pool(shape, window, Pool.Kind.MAX), new double[0], x),
        0);
    assertArrayEquals(
        new double[] {2.5, 6.5, 10.5},
        forward(new Pool(shape, window, Pool.Kind.MEAN), new double[0], x),
        0);
    // With padding the corner of a window: the greatest is never the padding, the mean counts it.
    double[] negative = {-1, -2, -3, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    Window wide = new Window(2, 2, 1);
    assertEquals(-1, forward(new Pool(shape, wide, Pool.Kind.MAX), new double[0], negative)[0], 0);
    assertEquals(
        -0.25, forward(new Pool(shape, wide, Pool.Kind.MEAN), new double[0], negative)[0], 0);
  }

  @Test
  void startHasTheVarianceThatTheActivationBehindWants() {
    Network network =
        Network.of(
            new SoftmaxLoss(2),
            16 * 16,
            Layers.read(
                "[{shape: [16, 16, 1]}, {conv: {channels: 99, window: 5}}, {activation: 'relu'}]"));
    double[] start = new double[network.size()];
    network.layer().initialize(new Random(3), start, 0, 0);
    double sum = 0;
    for (int o = 0; o < 99; o++) {
      assertEquals(0, start[o * 26 + 25], 0);
      for (int k = 0; k < 25; k++) {
        sum += start[o * 26 + k] * start[o * 26 + k];
      }
    }
    assertEquals(2.0 / 25, sum / 99 / 25, 0.1 * 2 / 25);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[{conv: {channels: 2, window: 3}}]",
        "[{pool: 2}]",
        "[{shape: [3, 3]}]",
        "[{shape: [2, 2, 2]}, {conv: {channels: 2, window: 3}}]",
        "[{shape: [2, 2, 2]}, {conv: {channels: 2, window: 2, padding: 2}}]",
        "[{shape: [2, 2, 2]}, {conv: {channels: 2}}]",
        "[{shape: [2, 2, 2]}, {conv: {channels: 2, windows: 2}}]",
        "[{shape: [2, 2, 2]}, {conv: 3}]",
        "[{shape: [2, 2, 2]}, {pool: {kind: 'least', window: 2}}]",
        "[{shape: [2, 2, 2]}, {pool: 3}]",
        "[{shape: [2, 2, 0]}]",
        "[{shape: 8}]",
        "[{group-norm: 3}]",
        "[{attention: 1}]",
        "[{shape: [2, 4]}, {attention: 3}]",
        "[{layer-norm: 1}]",
        "[{mean: false}]",
      })
  void wrongLayersAreRefused(String form) {
    assertThrows(
        IllegalArgumentException.class, () -> Network.of(new SoftmaxLoss(2), 8, Layers.read(form)));
  }

  /** LeCun's network has 61,706 parameters for ten classes. */
  @Test
  void presetsAreNetworks() {
    Network lenet = preset("lenet");
    assertEquals(61_706, lenet.size());
    Network resnet = preset("resnet8");
    assertEquals(List.of(14, 14, 16), convolution(resnet, 1).out().extents());
    assertEquals(64, ((Stack) resnet.layer()).layers().get(14).out().size());
    assertEquals(108_618, resnet.size());
    assertThrows(IllegalArgumentException.class, () -> Preset.of("vgg"));
  }

  private static Layer convolution(Network network, int at) {
    return ((Stack) network.layer()).layers().get(at);
  }

  private static Network preset(String label) {
    List<Map<String, Object>> form = new ArrayList<>(Layers.read("[{shape: [28, 28, 1]}]"));
    form.addAll(Preset.of(label).form());
    return Network.of(new SoftmaxLoss(10), 784, form);
  }

  /** The shape is not counted, and a layer that does not fit is the one that is named. */
  @Test
  void aWrongLayerIsNamedByItsNumber() {
    String form = "[{shape: [2, 2, 2]}, {activation: 'relu'}, {conv: {channels: 2, window: 3}}]";
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> Network.of(new SoftmaxLoss(2), 8, Layers.read(form)))
            .getMessage();
    assertTrue(message.startsWith("layer 2 of layers, conv"), message);
  }

  @Test
  void formMakesTheSameLayersAgain() {
    String form =
        "[{shape: [8, 8, 2]}, {conv: {channels: 3, window: 3, stride: 2, padding: 1}},"
            + " {pointwise: 4}, {group-norm: 2}, {layer-norm: true}, {pool: 2}, {pool: {kind: 'mean', window: 2, padding: 1}}, {mean: true}]";
    Network network = Network.of(new SoftmaxLoss(2), 128, Layers.read(form));
    List<Layer> again =
        Layers.of(RowShape.vector(128), Layers.read(Layers.write(network.layer().form())));
    assertEquals(network.layer(), new Stack(again));
  }
}
