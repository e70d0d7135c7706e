package io.github.sparkbilevel.model;

import io.github.sparkbilevel.backend.MatrixProducts.Operand;
import io.github.sparkbilevel.backend.Tile;
import io.github.sparkbilevel.backend.Tile.Numbers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/**
 * A dense layer: y = Wᵀ x̄.
 *
 * <p>It starts from weights of the variance gain/inputs, and where there is no gain of 2/(inputs +
 * outputs) (Glorot and Bengio, AISTATS 2010); from biases of 0.
 *
 * @param weights W, the block at 0
 */
public record Dense(ParameterBlock weights) implements Layer {

  /** With biases. */
  public static Dense of(int inputs, int outputs) {
    return new Dense(new ParameterBlock(0, inputs, true, outputs));
  }

  @Override
  public RowShape in() {
    return RowShape.vector(weights.inputs());
  }

  @Override
  public RowShape out() {
    return RowShape.vector(weights.outputs());
  }

  @Override
  public List<ParameterBlock> parameters() {
    return List.of(weights);
  }

  @Override
  public Optional<ParameterBlock> outputBiases() {
    return weights.bias() ? Optional.of(weights) : Optional.empty();
  }

  @Override
  public String onnx(OnnxGraph graph, String x, int at) {
    List<String> inputs = new ArrayList<>(List.of(x));
    inputs.addAll(graph.parameters(tensors(), at));
    return graph.node("Gemm", inputs, Map.of("transB", 1));
  }

  @Override
  public boolean multipliesRows() {
    return true;
  }

  @Override
  public List<Map<String, Object>> form() {
    BuiltInLayer kind = weights.bias() ? BuiltInLayer.DENSE : BuiltInLayer.PROJECTION;
    return List.of(Map.of(kind.label(), weights.outputs()));
  }

  @Override
  public void initialize(Random random, double[] theta, int at, double gain) {
    int inputs = weights.inputs();
    double variance = gain > 0 ? gain / inputs : 2.0 / (inputs + weights.outputs());
    for (int o = 0; o < weights.outputs(); o++) {
      for (int j = 0; j < inputs; j++) {
        theta[at + o * weights.height() + j] = Math.sqrt(variance) * random.nextGaussian();
      }
    }
  }

  @Override
  public <A> Tape<A> tape(Tile<A> tile, int at) {
    return new Products<>(tile, weights.from(at));
  }

  private static final class Products<A> implements Tape<A> {
    private final Tile<A> tile;
    private final ParameterBlock block;
    private final A y;
    private A yDot;
    private Numbers<A> theta;
    private Numbers<A> v;
    private TileInput<A> x;
    private A xDot;

    Products(Tile<A> tile, ParameterBlock block) {
      this.tile = tile;
      this.block = block;
      this.y = tile.room(block.outputs());
    }

    @Override
    public A forward(Numbers<A> parameters, TileInput<A> input) {
      theta = parameters;
      x = input;
      x.multiply(weights(theta), block.outputs(), y);
      addBiases(theta, y);
      return y;
    }

    private Operand<A> weights(Numbers<A> of) {
      return of.matrix(block.at(), block.height());
    }

    private void addBiases(Numbers<A> of, A to) {
      if (block.bias()) {
        tile.addToColumns(of.matrix(block.biases(), block.height()), to, block.outputs());
      }
    }

    @Override
    public A jvp(Numbers<A> direction, A inputDot) {
      v = direction;
      xDot = inputDot;
      yDot = yDot == null ? tile.room(block.outputs()) : yDot;
      x.multiply(weights(v), block.outputs(), yDot);
      if (xDot != null) {
        tile.multiply(xDot, block.inputs(), weights(theta), block.outputs(), yDot, true);
      }
      addBiases(v, yDot);
      return yDot;
    }

    @Override
    public void vjp(A dy, A dx, Gradients<A> gradients) {
      gradients.accept(block, x, dy);
      if (dx != null) {
        tile.multiply(dy, block.outputs(), weights(theta).transpose(), block.inputs(), dx, false);
      }
    }

    @Override
    public void bend(A dy, A dxDot, Gradients<A> gradients) {
      if (xDot != null) {
        gradients.accept(block, TileInput.derivative(tile, xDot, block.inputs()), dy);
      }
      if (dxDot != null) {
        tile.multiply(dy, block.outputs(), weights(v).transpose(), block.inputs(), dxDot, true);
      }
    }
  }
}
