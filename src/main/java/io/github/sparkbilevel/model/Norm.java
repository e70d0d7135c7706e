package io.github.sparkbilevel.model;

import io.github.sparkbilevel.backend.Tile;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Numbers of a row with mean 0 and variance 1, scaled and shifted channel by channel: over groups
 * of channels (Wu and He, <em>Group Normalization</em>, ECCV 2018) or over all channels at each
 * position (Ba, Kiros and Hinton, <em>Layer Normalization</em>, 2016). Nothing is taken from other
 * rows.
 *
 * @param in the shape of a row
 * @param groups of channels, 1 or more; 0 for a norm at each position
 */
public record Norm(RowShape in, int groups) implements Layer {

  private Stack parts() {
    return Stack.of(new Normalized(in, groups), new ChannelScale(in));
  }

  @Override
  public Padding padding() {
    return groups > 0 ? Padding.COUNTS : Padding.KEEPS;
  }

  @Override
  public List<ParameterBlock> parameters() {
    return parts().parameters();
  }

  @Override
  public List<ParameterTensor> tensors() {
    return parts().tensors();
  }

  @Override
  public String onnx(OnnxGraph graph, String x, int at) {
    List<String> parameters = graph.parameters(tensors(), at);
    if (groups > 0) {
      return graph.node(
          "GroupNormalization",
          List.of(x, parameters.get(0), parameters.get(1)),
          Map.of("num_groups", groups, "epsilon", (float) Normalized.EPSILON));
    }
    // The norm is over the last axes.
    int last = in.extents().size();
    List<Integer> channelsLast = new ArrayList<>(List.of(0));
    IntStream.rangeClosed(2, last).forEach(channelsLast::add);
    channelsLast.add(1);
    List<Integer> channelsFirst = new ArrayList<>(List.of(0, last));
    IntStream.range(1, last).forEach(channelsFirst::add);
    String turned = graph.node("Transpose", List.of(x), Map.of("perm", channelsLast));
    String norm =
        graph.node(
            "LayerNormalization",
            List.of(turned, parameters.get(0), parameters.get(1)),
            Map.of("axis", -1, "epsilon", (float) Normalized.EPSILON));
    return graph.node("Transpose", List.of(norm), Map.of("perm", channelsFirst));
  }

  @Override
  public List<Map<String, Object>> form() {
    return List.of(
        groups > 0
            ? Map.of(BuiltInLayer.GROUP_NORM.label(), groups)
            : Map.of(BuiltInLayer.LAYER_NORM.label(), true));
  }

  @Override
  public void initialize(Random random, double[] theta, int at, double gain) {
    parts().initialize(random, theta, at, gain);
  }

  @Override
  public <A> Tape<A> tape(Tile<A> tile, int at) {
    return parts().tape(tile, at);
  }
}
