package io.github.sparkbilevel.model;

import io.github.sparkbilevel.backend.Tile;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Self-attention by several heads over the steps of a sequence: queries, keys and values by one
 * dense layer at each step, a softmax of their products for each head, and a dense layer of what
 * the heads give (Vaswani et al., <em>Attention Is All You Need</em>, NeurIPS 2017). Steps that are
 * padding have no weight ({@link Padding}).
 *
 * @param in steps × width
 * @param heads a divisor of the width
 */
public record Attention(RowShape in, int heads) implements Layer {

  /** Checks the shape. */
  public Attention {
    if (in.extents().size() != 2) {
      throw new IllegalArgumentException(
          ("got rows of the shape %s, expected the steps and the width of a sequence; put a layer"
                  + " such as {shape = [10, 64]} first, or set model.shape")
              .formatted(in.extents()));
    }
    if (heads < 1 || in.channels() % heads != 0) {
      throw new IllegalArgumentException(
          "got %d heads for a width of %d, expected a divisor".formatted(heads, in.channels()));
    }
  }

  private Stack parts() {
    Shared projections = Shared.of(in, Math.multiplyExact(3, in.channels()));
    return Stack.of(
        projections, new AttentionCore(projections.out(), heads), Shared.of(in, in.channels()));
  }

  @Override
  public Padding padding() {
    return Padding.KEEPS;
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
    return parts().onnx(graph, x, at);
  }

  @Override
  public List<Map<String, Object>> form() {
    return List.of(Map.of(BuiltInLayer.ATTENTION.label(), heads));
  }

  @Override
  public void initialize(Random random, double[] theta, int at, double gain) {
    parts().initialize(random, theta, at, gain);
  }

  @Override
  public int widest() {
    return parts().widest();
  }

  @Override
  public <A> Tape<A> tape(Tile<A> tile, int at) {
    return parts().tape(tile, at);
  }
}
