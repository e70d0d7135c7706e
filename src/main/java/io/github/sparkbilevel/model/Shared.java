package io.github.sparkbilevel.model;

import io.github.sparkbilevel.backend.Tile;
import io.github.sparkbilevel.backend.Tile.Numbers;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A dense layer at each position of a row, with the same weights everywhere.
 *
 * <p>Positions are the rows of the tile that the dense layer works on. Its Kronecker factors are
 * therefore those that Eschenhagen et al. call expanded (<em>Kronecker-Factored Approximate
 * Curvature for Modern Neural Network Architectures</em>, NeurIPS 2023): with R positions
 *
 * <pre>A = Σ_i s_i (1/R) Σ_t ā_it ā_itᵀ,   B = Σ_i Σ_t d_it d_itᵀ</pre>
 *
 * @param in the shape of a row, whose channels are the inputs of the dense layer
 */
public record Shared(RowShape in, Dense dense) implements Layer {

  /** Checks the channels. */
  public Shared {
    if (in.channels() != dense.weights().inputs()) {
      throw new IllegalArgumentException(
          "got a dense layer of %d inputs for rows of %d channels, expected as many"
              .formatted(dense.weights().inputs(), in.channels()));
    }
  }

  /** With biases. */
  public static Shared of(RowShape in, int channels) {
    return new Shared(in, Dense.of(in.channels(), channels));
  }

  @Override
  public RowShape out() {
    return in.withChannels(dense.weights().outputs());
  }

  @Override
  public Padding padding() {
    return Padding.KEEPS;
  }

  @Override
  public List<ParameterBlock> parameters() {
    return dense.parameters();
  }

  @Override
  public List<ParameterTensor> tensors() {
    return dense.tensors();
  }

  /** A convolution whose window is one position. */
  @Override
  public String onnx(OnnxGraph graph, String x, int at) {
    int positions = in.extents().size() - 1;
    if (positions == 0) {
      return dense.onnx(graph, x, at);
    }
    List<ParameterTensor> tensors = new ArrayList<>(tensors());
    List<Integer> shape = new ArrayList<>(tensors.get(0).shape());
    shape.addAll(Collections.nCopies(positions, 1));
    tensors.set(0, tensors.get(0).in(shape));
    List<String> inputs = new ArrayList<>(List.of(x));
    inputs.addAll(graph.parameters(tensors, at));
    return graph.node("Conv", inputs);
  }

  @Override
  public List<Map<String, Object>> form() {
    return List.of(Map.of(BuiltInLayer.POINTWISE.label(), dense.weights().outputs()));
  }

  @Override
  public void initialize(Random random, double[] theta, int at, double gain) {
    dense.initialize(random, theta, at, gain);
  }

  @Override
  public <A> Tape<A> tape(Tile<A> tile, int at) {
    Tile<A> positions = tile.times(in.positions());
    return new Everywhere<>(positions, dense.tape(positions, at), in.channels());
  }

  private record Everywhere<A>(Tile<A> positions, Tape<A> dense, int channels) implements Tape<A> {

    @Override
    public A forward(Numbers<A> theta, TileInput<A> x) {
      return dense.forward(theta, TileInput.of(positions, x.values(), channels).masked(x.mask()));
    }

    @Override
    public A jvp(Numbers<A> v, A xDot) {
      return dense.jvp(v, xDot);
    }

    @Override
    public void vjp(A dy, A dx, Gradients<A> gradients) {
      dense.vjp(dy, dx, gradients);
    }

    @Override
    public void bend(A dy, A dxDot, Gradients<A> gradients) {
      dense.bend(dy, dxDot, gradients);
    }
  }
}
