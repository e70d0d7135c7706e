package io.github.sparkbilevel.model;

import io.github.sparkbilevel.backend.DenseBackends;
import io.github.sparkbilevel.backend.Tile;
import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.DenseFeatures;
import io.github.sparkbilevel.block.PartitionData;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The first layers of a network, whose parameters stay as they are: they are evaluated once, and
 * what they give takes the place of the features. Where steps of a sequence may be padding, each is
 * followed by a mark, which a {@link Mask} reads in front of the other layers.
 *
 * @param layers the first layers
 * @param theta their parameters
 */
public record FrozenLayers(Stack layers, double[] theta) implements Serializable {

  /**
   * The first layers of a network at the parameters that it starts from.
   *
   * @param count how many, 1 or more; those that say what shape features have are not counted
   * @throws IllegalArgumentException where there are not as many before the last one
   */
  public static FrozenLayers of(Network network, int count) {
    List<Layer> all = ((Stack) network.layer()).layers();
    List<Layer> first = new ArrayList<>();
    int counted = 0;
    for (Layer layer : all.subList(0, all.size() - 1)) {
      if (counted == count) {
        break;
      }
      first.add(layer);
      counted += layer instanceof Arranged ? 0 : 1;
    }
    if (counted < count) {
      throw new IllegalArgumentException(
          "got %d frozen layers, expected at most the %d before the last one"
              .formatted(count, counted));
    }
    Stack layers = new Stack(first);
    return new FrozenLayers(layers, Arrays.copyOf(network.initial(0), layers.size()));
  }

  /** What is left of a network that begins with these layers. */
  public Network behind(Network whole) {
    List<Layer> all = ((Stack) whole.layer()).layers();
    List<Layer> rest = new ArrayList<>(all.subList(layers.layers().size(), all.size()));
    if (masked()) {
      rest.add(0, new Mask(given()));
    }
    Start start = whole.start().behind(layers.size());
    return new Network(whole.loss(), new Stack(rest), whole.exactHessian(), whole.factors(), start);
  }

  /** Whether some steps of what the layers give may be padding. */
  private boolean masked() {
    return layers.padding() == Padding.TELLS;
  }

  /** What the layers give, with the marks. */
  private RowShape given() {
    RowShape out = layers.out();
    return masked() ? out.withChannels(out.channels() + 1) : out;
  }

  /** The whole of which a network is left. */
  public Network with(Network rest) {
    List<Layer> all = new ArrayList<>(layers.layers());
    List<Layer> others = ((Stack) rest.layer()).layers();
    all.addAll(masked() ? others.subList(1, others.size()) : others);
    return Network.of(rest.loss(), new Stack(all));
  }

  /** The parameters of the whole, with those of what is left. */
  public double[] with(double[] rest) {
    double[] all = Arrays.copyOf(theta, theta.length + rest.length);
    System.arraycopy(rest, 0, all, theta.length, rest.length);
    return all;
  }

  /** The same rows with what the layers give for features. */
  public PartitionData of(PartitionData rows) {
    return new PartitionData(
        of(rows.train()), of(rows.upper()), of(rows.heldOut()), of(rows.test()));
  }

  private Block[] of(Block[] blocks) {
    return Arrays.stream(blocks).map(this::of).toArray(Block[]::new);
  }

  /** The same rows with what the layers give for features, in the precision of the features. */
  public Block of(Block rows) {
    int capacity = LayerKernel.tileRows(rows, layers, DenseBackends.AUTO);
    boolean single = rows.features() instanceof DenseFeatures dense && dense.isSingle();
    int width = given().size();
    double[] values =
        single
            ? evaluate(rows, Tile.singles(DenseBackends.AUTO, capacity), capacity)
            : evaluate(rows, Tile.doubles(DenseBackends.AUTO, capacity), capacity);
    return rows.withFeatures(
        single
            ? DenseFeatures.ofFloats(rows.rows(), width, floats(values))
            : DenseFeatures.ofDoubles(rows.rows(), width, values));
  }

  private static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }

  /** What the layers give, row after row. */
  private <A> double[] evaluate(Block block, Tile<A> tile, int capacity) {
    Tape<A> tape = layers.tape(tile, 0);
    Tile.Numbers<A> parameters = tile.numbers(theta, 0, theta.length);
    int width = layers.out().size();
    int all = given().size();
    double[] values = new double[Math.multiplyExact(block.rows(), all)];
    Tiles.forEach(
        block,
        LayerKernel.firstWidth(layers),
        capacity,
        DenseBackends.AUTO,
        (rows, from) -> {
          tile.load(rows.count());
          TileInput<A> x = TileInput.of(tile, rows, block, from);
          double[] y = tile.widen(tape.forward(parameters, x), width);
          for (int i = 0; i < tile.count(); i++) {
            for (int j = 0; j < width; j++) {
              values[(from + i) * all + j] = y[j * tile.count() + i];
            }
            for (int t = 0; t < all - width; t++) {
              values[(from + i) * all + width + t] = tape.mask().isPadding(t, i) ? 0 : 1;
            }
          }
        });
    return values;
  }
}
