package io.github.sparkbilevel.model;

import io.github.sparkbilevel.backend.Tile;
import io.github.sparkbilevel.backend.Tile.Numbers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;

/**
 * Layers one after the other; θ holds their parameters in the same order.
 *
 * @param layers one or more, each of which takes in what the one before gives
 */
public record Stack(List<Layer> layers) implements Layer {

  /** The most parameters; of vectors of that size the driver and every executor hold several. */
  public static final int MOST_PARAMETERS = 1 << 27;

  /** Checks that the layers fit each other. */
  public Stack {
    layers = List.copyOf(layers);
    if (layers.isEmpty()) {
      throw new IllegalArgumentException("got a stack of no layers, expected one or more");
    }
    for (int l = 1; l < layers.size(); l++) {
      if (!layers.get(l).in().takes(layers.get(l - 1).out())) {
        throw new IllegalArgumentException(
            "got layer %d for rows of %s after one that gives %s, expected the same shape"
                .formatted(l + 1, layers.get(l).in().extents(), layers.get(l - 1).out().extents()));
      }
    }
    requireFew(layers);
    requirePaddingApart(layers);
  }

  /** Checks that layers that tell padding come first, and that the others keep it apart. */
  private static void requirePaddingApart(List<Layer> layers) {
    List<Layer> all = flat(layers).toList();
    boolean apart = false;
    for (int l = 0; l < all.size(); l++) {
      Layer layer = all.get(l);
      Padding does = layer.padding();
      boolean begins = all.subList(0, l).stream().allMatch(Arranged.class::isInstance);
      if (does == Padding.TELLS && !begins) {
        throw new IllegalArgumentException(
            ("got the layer %s behind others, expected it to be the first, which takes in features"
                    + " as they are")
                .formatted(layer.form()));
      }
      // Behind the layer that tells padding there are still zeros.
      boolean zeros = l > 0 && all.get(l - 1).padding() == Padding.TELLS;
      if (apart && does == Padding.COUNTS && !(zeros && !(layer instanceof Residual))) {
        throw new IllegalArgumentException(
            ("got the layer %s, which takes all steps of a sequence together, where some may be"
                    + " padding; expected one that leaves them out; put {mean = true} in front")
                .formatted(layer.form()));
      }
      apart = does == Padding.TELLS || apart && does == Padding.KEEPS;
    }
  }

  /** The layers with those of stacks one by one. */
  static Stream<Layer> flat(List<Layer> layers) {
    return layers.stream()
        .flatMap(layer -> layer instanceof Stack inner ? flat(inner.layers()) : Stream.of(layer));
  }

  @Override
  public Padding padding() {
    Padding all = Padding.KEEPS;
    for (Layer layer : layers) {
      all = layer.padding() == Padding.KEEPS ? all : layer.padding();
    }
    return all;
  }

  private static void requireFew(List<Layer> layers) {
    double parameters =
        layers.stream()
            .flatMap(layer -> layer.parameters().stream())
            .mapToDouble(block -> (double) block.height() * block.outputs())
            .sum();
    if (parameters > MOST_PARAMETERS) {
      throw new IllegalArgumentException(
          "got layers with %,.0f parameters, each copy of which takes %,.0f MiB; expected at most %,d parameters; use narrower layers"
              .formatted(parameters, parameters / (1 << 17), MOST_PARAMETERS));
    }
  }

  /** Layers from the first to the last. */
  public static Stack of(Layer... layers) {
    return new Stack(List.of(layers));
  }

  @Override
  public RowShape in() {
    return layers.get(0).in();
  }

  @Override
  public RowShape out() {
    return layers.get(layers.size() - 1).out();
  }

  @Override
  public List<ParameterBlock> parameters() {
    List<ParameterBlock> blocks = new ArrayList<>();
    int at = 0;
    for (Layer layer : layers) {
      for (ParameterBlock block : layer.parameters()) {
        blocks.add(block.from(at));
      }
      at += layer.size();
    }
    return blocks;
  }

  @Override
  public boolean multipliesRows() {
    return layers.stream()
        .filter(layer -> !(layer instanceof Arranged))
        .findFirst()
        .filter(Layer::multipliesRows)
        .isPresent();
  }

  @Override
  public List<ParameterTensor> tensors() {
    List<ParameterTensor> tensors = new ArrayList<>();
    int number = 0;
    int at = 0;
    for (Layer layer : layers) {
      List<ParameterTensor> own = layer.tensors();
      for (ParameterTensor tensor : own) {
        tensors.add(tensor.behind(number, at));
      }
      number += own.isEmpty() ? 0 : own.get(own.size() - 1).layer();
      at += layer.size();
    }
    return tensors;
  }

  @Override
  public String onnx(OnnxGraph graph, String x, int at) {
    String value = x;
    RowShape shape = in();
    int next = at;
    for (Layer layer : layers) {
      value = layer.onnx(graph, graph.reshaped(value, shape, layer.in()), next);
      if (layer.padding() == Padding.SKIPS || layer.padding() == Padding.COUNTS) {
        graph.unmask();
      }
      shape = layer.out();
      next += layer.size();
    }
    return value;
  }

  @Override
  public List<Map<String, Object>> form() {
    return layers.stream().flatMap(layer -> layer.form().stream()).toList();
  }

  @Override
  public void initialize(Random random, double[] theta, int at, double gain) {
    int next = at;
    for (int l = 0; l < layers.size(); l++) {
      layers.get(l).initialize(random, theta, next, gainBehind(l, gain));
      next += layers.get(l).size();
    }
  }

  /** The gain of the next layer that wants one, with no parameters between. */
  private double gainBehind(int l, double gain) {
    for (Layer behind : layers.subList(l + 1, layers.size())) {
      if (behind.gain() > 0 || behind.size() > 0) {
        return behind.gain();
      }
    }
    return gain;
  }

  @Override
  public double gain() {
    return layers.get(0).gain();
  }

  @Override
  public boolean isSmooth() {
    return layers.stream().allMatch(Layer::isSmooth);
  }

  @Override
  public int widest() {
    return layers.stream().mapToInt(Layer::widest).max().orElseThrow();
  }

  @Override
  public Optional<ParameterBlock> outputBiases() {
    Layer last = layers.get(layers.size() - 1);
    return last.outputBiases().map(block -> block.from(size() - last.size()));
  }

  @Override
  public <A> Tape<A> tape(Tile<A> tile, int at) {
    List<Tape<A>> tapes = new ArrayList<>();
    int next = at;
    for (Layer layer : layers) {
      tapes.add(layer.tape(tile, next));
      next += layer.size();
    }
    int first = 0;
    while (first < layers.size() - 1 && layers.get(first).size() == 0) {
      first++;
    }
    return new Chain<>(tile, tapes, layers, first);
  }

  private static final class Chain<A> implements Tape<A> {
    private final Tile<A> tile;
    private final List<Tape<A>> tapes;
    private final List<Integer> widths;
    private final List<Padding> padding;
    private final int first;
    private final List<A> back = new ArrayList<>();
    private final List<A> backDot = new ArrayList<>();
    private StepMask mask;

    /** {@code first} is the first layer with parameters: below it nothing but dx is made. */
    Chain(Tile<A> tile, List<Tape<A>> tapes, List<Layer> layers, int first) {
      this.tile = tile;
      this.tapes = tapes;
      this.widths = layers.stream().map(layer -> layer.in().size()).toList();
      this.padding = layers.stream().map(Layer::padding).toList();
      this.first = first;
    }

    @Override
    public A forward(Numbers<A> theta, TileInput<A> x) {
      A y = tapes.get(0).forward(theta, x);
      mask = maskBehind(0, x.mask());
      for (int l = 1; l < tapes.size(); l++) {
        y = tapes.get(l).forward(theta, TileInput.of(tile, y, widths.get(l)).masked(mask));
        mask = maskBehind(l, mask);
      }
      return y;
    }

    private StepMask maskBehind(int l, StepMask before) {
      return switch (padding.get(l)) {
        case TELLS -> tapes.get(l).mask();
        case KEEPS -> before;
        case SKIPS, COUNTS -> null;
      };
    }

    @Override
    public StepMask mask() {
      return mask;
    }

    @Override
    public A jvp(Numbers<A> v, A xDot) {
      A dot = xDot;
      for (Tape<A> tape : tapes) {
        dot = tape.jvp(v, dot);
      }
      return dot;
    }

    @Override
    public void vjp(A dy, A dx, Gradients<A> gradients) {
      A above = dy;
      for (int l = tapes.size() - 1; l >= last(dx); l--) {
        A below = below(l, back, dx);
        tapes.get(l).vjp(above, below, gradients);
        above = below;
      }
    }

    @Override
    public void hvp(A dy, A dyDot, A dx, A dxDot, Gradients<A> gradients) {
      A above = dy;
      A aboveDot = dyDot;
      for (int l = tapes.size() - 1; l >= last(dx); l--) {
        A below = below(l, back, dx);
        A belowDot = below(l, backDot, dxDot);
        tapes.get(l).hvp(above, aboveDot, below, belowDot, gradients);
        above = below;
        aboveDot = belowDot;
      }
    }

    /** The layer that the way back ends at. */
    private int last(A dx) {
      return dx == null ? first : 0;
    }

    /** Where layer l leaves dx, or null; rooms are made when they are first needed. */
    private A below(int l, List<A> rooms, A dx) {
      if (dx == null && l == first) {
        return null;
      }
      while (rooms.size() < l) {
        rooms.add(tile.room(widths.get(rooms.size() + 1)));
      }
      return l == 0 ? dx : rooms.get(l - 1);
    }
  }
}
