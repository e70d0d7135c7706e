package io.github.sparkbilevel.model;

import io.github.sparkbilevel.backend.Tile;
import io.github.sparkbilevel.backend.Tile.Numbers;
import io.github.sparkbilevel.block.DataException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A vector for each token of a sequence: y_t = w_v for the token number v at step t, or y_t = w_v +
 * p_t with a vector for each step. A step of the number {@value #PADDING} is padding, where y is 0.
 * The first layer, with no derivative in x.
 *
 * <p>Inputs are one-hot, so that with R_i steps that are no padding in row i the factor A = Σ_i s_i
 * (1/R_i) Σ_t x_it x_itᵀ is a diagonal of weighted frequencies, and is held as one. That is so for
 * both kinds of {@link Sharing}. Vectors start from the variance 1/width.
 *
 * @param in a vector of token numbers, one for each step
 * @param vocabulary tokens, whose numbers are 0 to vocabulary − 1
 * @param width of a vector
 * @param order whether there is a vector for each step
 */
public record Embedding(RowShape in, int vocabulary, int width, Order order) implements Layer {
  /** The token number of padding. */
  public static final int PADDING = -1;

  /** What is known of the order of the tokens. */
  public enum Order {
    /** Nothing. */
    UNKNOWN,
    /** A vector for each step, which is learned. */
    LEARNED
  }

  /** Checks the shape. */
  public Embedding {
    if (in.extents().size() != 1) {
      throw new IllegalArgumentException(
          "got rows of the shape %s, expected one token number for each step, as model.shape = [%d]"
              .formatted(in.extents(), in.size()));
    }
  }

  private int steps() {
    return in.size();
  }

  @Override
  public RowShape out() {
    return new RowShape(List.of(steps(), width));
  }

  @Override
  public Padding padding() {
    return Padding.TELLS;
  }

  @Override
  public List<ParameterBlock> parameters() {
    ParameterBlock words = ParameterBlock.oneHot(0, vocabulary, width);
    return order == Order.UNKNOWN
        ? List.of(words)
        : List.of(words, ParameterBlock.oneHot(words.end(), steps(), width));
  }

  /** Tables of vectors, one below the other; that of the steps as a layer of its own. */
  @Override
  public List<ParameterTensor> tensors() {
    List<ParameterTensor> tensors = new ArrayList<>();
    for (ParameterBlock block : parameters()) {
      tensors.add(ParameterTensor.ofTable(tensors.size() + 1, block));
    }
    return tensors;
  }

  @Override
  public List<Map<String, Object>> form() {
    Map<String, Object> value = new LinkedHashMap<>();
    value.put(BuiltInLayer.VOCABULARY, vocabulary);
    value.put(BuiltInLayer.WIDTH, width);
    value.put(BuiltInLayer.POSITIONS, order == Order.LEARNED);
    return List.of(Map.of(BuiltInLayer.EMBEDDING.label(), value));
  }

  @Override
  public void initialize(Random random, double[] theta, int at, double gain) {
    for (int j = 0; j < size(); j++) {
      theta[at + j] = random.nextGaussian() / Math.sqrt(width);
    }
  }

  @Override
  public String onnx(OnnxGraph graph, String x, int at) {
    List<String> tables = graph.parameters(tensors(), at);
    String zero = graph.number(0);
    String there = graph.node("GreaterOrEqual", List.of(x, zero));
    String marks = graph.node("Cast", List.of(there), Map.of("to", OnnxGraph.FLOAT));
    graph.mask(marks);
    String tokens =
        graph.node(
            "Cast", List.of(graph.node("Max", List.of(x, zero))), Map.of("to", OnnxGraph.INT64));
    String y = graph.node("Gather", List.of(tables.get(0), tokens));
    if (order == Order.LEARNED) {
      y = graph.node("Add", List.of(y, tables.get(1)));
    }
    y = graph.node("Mul", List.of(y, graph.reshaped(marks, List.of(steps(), 1))));
    return graph.node("Transpose", List.of(y), Map.of("perm", List.of(0, 2, 1)));
  }

  @Override
  public <A> Tape<A> tape(Tile<A> tile, int at) {
    return new Lookup<>(tile, this, parameters().stream().map(block -> block.from(at)).toList());
  }

  private static final class Lookup<A> implements Tape<A> {
    private final Tile<A> tile;
    private final Tile<A> places;
    private final Embedding of;
    private final List<ParameterBlock> blocks;
    private final A y;
    private final A yDot;
    private List<OneHot> inputs;

    Lookup(Tile<A> tile, Embedding of, List<ParameterBlock> blocks) {
      this.tile = tile;
      this.places = tile.times(of.steps());
      this.of = of;
      this.blocks = blocks;
      this.y = tile.room(of.out().size());
      this.yDot = tile.room(of.out().size());
    }

    /** The number of a token, or {@link #PADDING}. */
    private int token(TileInput<A> x, int step, int row) {
      double number = tile.get(x.values(), step * tile.count() + row);
      if (number >= PADDING && number < of.vocabulary && number == Math.rint(number)) {
        return (int) number;
      }
      throw new DataException(
          ("got the token number %s at step %d of %s, expected a whole number from 0 to %d, or %d"
                  + " for padding; raise the vocabulary of the layer embedding, or correct the row")
              .formatted(number, step + 1, x.rowName(row), of.vocabulary - 1, PADDING));
    }

    private void read(TileInput<A> x) {
      int n = tile.count();
      double[][] marks = new double[of.steps()][n];
      int[] tokens = new int[of.steps() * n];
      int[] order = new int[of.steps() * n];
      for (int t = 0; t < of.steps(); t++) {
        for (int i = 0; i < n; i++) {
          tokens[t * n + i] = token(x, t, i);
          order[t * n + i] = t;
          marks[t][i] = tokens[t * n + i] == PADDING ? 0 : 1;
        }
      }
      StepMask mask = StepMask.of(marks);
      inputs = new ArrayList<>(List.of(new OneHot(tokens, of.vocabulary, mask)));
      if (of.order == Order.LEARNED) {
        inputs.add(new OneHot(order, of.steps(), mask));
      }
    }

    private A vectors(Numbers<A> parameters, A out) {
      tile.clear(out, of.out().size());
      for (int b = 0; b < blocks.size(); b++) {
        inputs.get(b).addProduct(tile, parameters, blocks.get(b), out);
      }
      return out;
    }

    @Override
    public A forward(Numbers<A> theta, TileInput<A> x) {
      read(x);
      return vectors(theta, y);
    }

    @Override
    public StepMask mask() {
      return inputs.get(0).mask();
    }

    @Override
    public A jvp(Numbers<A> v, A xDot) {
      return vectors(v, yDot);
    }

    @Override
    public void vjp(A dy, A dx, Gradients<A> gradients) {
      if (dx != null) {
        throw new UnsupportedOperationException("token numbers have no derivative");
      }
      for (int b = 0; b < blocks.size(); b++) {
        gradients.accept(blocks.get(b), TileInput.of(places, inputs.get(b)), dy);
      }
    }
  }
}
