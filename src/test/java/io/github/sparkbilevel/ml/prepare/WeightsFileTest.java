package io.github.sparkbilevel.ml.prepare;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.sparkbilevel.block.DataException;
import io.github.sparkbilevel.data.Safetensors;
import io.github.sparkbilevel.model.Layers;
import io.github.sparkbilevel.model.Network;
import io.github.sparkbilevel.model.ParameterTensor;
import io.github.sparkbilevel.model.SoftmaxLoss;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which parameters come from which tensors of a file. */
class WeightsFileTest {
  /** A convolution, a norm, two layers of attention, and that of the outputs. */
  private static final Network NETWORK =
      Network.of(
          new SoftmaxLoss(3),
          32,
          Layers.read(
              "[{shape: [4, 4, 2]}, {conv: {channels: 4, window: 2, stride: 2}}, {group-norm: 2},"
                  + " {shape: [4, 4]}, {residual: [{attention: 2}]}, {mean: true}]"));

  @TempDir Path folder;

  private Path file() {
    return folder.resolve("some.safetensors");
  }

  private static Safetensors.Tensor tensor(String name, double first, Integer... shape) {
    int size = List.of(shape).stream().reduce(1, Math::multiplyExact);
    return new Safetensors.Tensor(
        name, List.of(shape), IntStream.range(0, size).mapToDouble(i -> first + i).toArray());
  }

  private void write(Safetensors.Tensor... tensors) throws IOException {
    try (OutputStream out = Files.newOutputStream(file())) {
      Safetensors.write(out, List.of(tensors));
    }
  }

  private WeightsFile weights(Map<String, List<String>> names) {
    return new WeightsFile(Optional.of(file().toString()), names, 0);
  }

  private double[] start(Map<String, List<String>> names) {
    return weights(names).into(NETWORK, new Configuration()).initial(7);
  }

  @Test
  void tensorsHaveNamesAndShapesOfOtherPrograms() {
    List<String> found = new ArrayList<>();
    int size = 0;
    for (ParameterTensor tensor : NETWORK.layer().tensors()) {
      found.add(tensor.name() + tensor.shape());
      size += tensor.size();
    }
    assertEquals(
        List.of(
            "layer1.weight[4, 2, 2, 2]",
            "layer1.bias[4]",
            "layer2.weight[4]",
            "layer2.bias[4]",
            "layer3.weight[12, 4]",
            "layer3.bias[12]",
            "layer4.weight[4, 4]",
            "layer4.bias[4]",
            "layer5.weight[3, 4]",
            "layer5.bias[3]"),
        found);
    assertEquals(NETWORK.size(), size);
  }

  /** The saved form of a feed-forward layer is three layers; their tensors have the same names. */
  @Test
  void savedLayersHaveTheSameNames() {
    Network made =
        Network.of(
            new SoftmaxLoss(2), 6, Layers.read("[{shape: [2, 3]}, {feed-forward: 2}, {dense: 4}]"));
    Network saved =
        Network.of(
            made.loss(),
            new io.github.sparkbilevel.model.Stack(
                Layers.of(made.layer().in(), made.layer().form())));
    assertEquals(made.layer().tensors(), saved.layer().tensors());
  }

  @Test
  void layersOfTheFileStartThereAndOthersAtRandom() throws IOException {
    write(
        tensor("layer1.weight", 100, 4, 2, 2, 2),
        tensor("layer1.bias", 200, 4),
        tensor("layer4.weight", 300, 4, 4),
        tensor("layer4.bias", 400, 4),
        tensor("other", 0, 1));
    double[] expected = NETWORK.initial(7);
    // A column of θ is the weights of an output and its bias.
    for (int o = 0; o < 4; o++) {
      for (int j = 0; j < 8; j++) {
        expected[9 * o + j] = 100 + 8 * o + j;
      }
      expected[9 * o + 8] = 200 + o;
    }
    int attention = 36 + 8 + 60;
    for (int o = 0; o < 4; o++) {
      for (int j = 0; j < 4; j++) {
        expected[attention + 5 * o + j] = 300 + 4 * o + j;
      }
      expected[attention + 5 * o + 4] = 400 + o;
    }
    assertArrayEquals(expected, start(Map.of()));
  }

  @Test
  void namesPutTensorsTogether() throws IOException {
    write(
        tensor("block.q.weight", 0, 4, 4),
        tensor("block.k.weight", 16, 4, 4),
        tensor("block.v.weight", 32, 4, 4),
        tensor("block.q.bias", 100, 4),
        tensor("block.k.bias", 104, 4),
        tensor("block.v.bias", 108, 4),
        tensor("layer1.weight", 100, 4, 2, 2, 2));
    double[] theta = start(Map.of("layer3", List.of("block.q", "block.k", "block.v")));
    double[] expected = NETWORK.initial(7);
    for (int o = 0; o < 12; o++) {
      for (int j = 0; j < 4; j++) {
        expected[44 + 5 * o + j] = 4 * o + j;
      }
      expected[44 + 5 * o + 4] = 100 + o;
    }
    assertArrayEquals(expected, theta);
  }

  @Test
  void windowsOfOnePixelAreNoExtents() throws IOException {
    write(tensor("a.weight", 0, 4, 4, 1, 1), tensor("a.bias", 0, 4));
    assertEquals(5, start(Map.of("layer4", List.of("a")))[36 + 8 + 60 + 6]);
  }

  @Test
  void refusesWhatDoesNotFit() throws IOException {
    write(tensor("a.weight", 0, 4, 3), tensor("a.bias", 0, 4), tensor("b.weight", 0, 4, 4));
    // Another shape, no bias, no layer by its own name, and no such layer.
    assertThrows(DataException.class, () -> start(Map.of("layer4", List.of("a"))));
    assertThrows(DataException.class, () -> start(Map.of("layer4", List.of("b"))));
    assertThrows(DataException.class, () -> start(Map.of()));
    assertThrows(IllegalArgumentException.class, () -> start(Map.of("layer6", List.of("b"))));
  }

  @Test
  void frozenLayersNeedWeights() throws IOException {
    write(tensor("layer1.weight", 0, 4, 2, 2, 2), tensor("layer1.bias", 0, 4));
    WeightsFile weights = weights(Map.of());
    Network network = weights.into(NETWORK, new Configuration());
    weights.requireFrozen(network, 36);
    assertThrows(IllegalArgumentException.class, () -> weights.requireFrozen(network, 44));
  }
}
