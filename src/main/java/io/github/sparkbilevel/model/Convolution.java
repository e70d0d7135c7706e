package io.github.sparkbilevel.model;

import io.github.sparkbilevel.backend.Tile;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A convolution of an image: a dense layer of the window around each place.
 *
 * <p>An output has a weight for each pixel of the window in each channel, from the first channel
 * on, each row by row, and a bias.
 *
 * @param in the shape of the image
 * @param channels those of the image that it gives
 */
public record Convolution(RowShape in, Window window, int channels) implements Layer {

  /** The same, as a dense layer of patches. */
  private Stack parts() {
    Patches patches = new Patches(in, window);
    return Stack.of(patches, Shared.of(patches.out(), channels));
  }

  @Override
  public RowShape out() {
    return window.places(in, channels);
  }

  @Override
  public List<ParameterBlock> parameters() {
    return parts().parameters();
  }

  @Override
  public List<ParameterTensor> tensors() {
    List<ParameterTensor> tensors = new ArrayList<>(parts().tensors());
    List<Integer> shape = List.of(channels, in.channels(), window.side(), window.side());
    tensors.set(0, tensors.get(0).in(shape));
    return tensors;
  }

  @Override
  public String onnx(OnnxGraph graph, String x, int at) {
    List<String> inputs = new ArrayList<>(List.of(x));
    inputs.addAll(graph.parameters(tensors(), at));
    return graph.node("Conv", inputs, window.attributes());
  }

  @Override
  public List<Map<String, Object>> form() {
    Map<String, Object> value =
        Map.of(
            BuiltInLayer.CHANNELS, channels,
            BuiltInLayer.WINDOW, window.side(),
            BuiltInLayer.STRIDE, window.stride(),
            BuiltInLayer.PADDING, window.padding());
    return List.of(Map.of(BuiltInLayer.CONV.label(), value));
  }

  @Override
  public void initialize(Random random, double[] theta, int at, double gain) {
    parts().initialize(random, theta, at, gain);
  }

  @Override
  public int widest() {
    return window.stride() == 1
        ? Math.max(padded(in, window.padding()), out().size())
        : parts().widest();
  }

  /** Numbers of an image with its padding. */
  private static int padded(RowShape image, int padding) {
    return image.channels()
        * (image.extents().get(0) + 2 * padding)
        * (image.extents().get(1) + 2 * padding);
  }

  /** By shifts of the image, or where the window jumps by its patches. */
  @Override
  public <A> Tape<A> tape(Tile<A> tile, int at) {
    return window.stride() == 1
        ? new ShiftedConvolution<>(tile, this, parameters().get(0).from(at))
        : parts().tape(tile, at);
  }
}
