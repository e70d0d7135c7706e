package io.github.sparkbilevel.model;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.BiFunction;

/** The layers of the library, with what stands behind their names. */
enum BuiltInLayer implements LayerProvider {
  /** A dense layer of so many units. */
  DENSE((in, value) -> Dense.of(in.size(), value.count())),
  /** A dense layer of so many units, without biases. */
  PROJECTION((in, value) -> new Dense(new ParameterBlock(0, in.size(), false, value.count()))),
  /** A function of each number, by its name. */
  ACTIVATION(
      (in, value) -> {
        String word =
            value.word(Arrays.stream(Activation.values()).map(Activation::label).toList());
        return new ActivationLayer(in, Activation.of(word));
      }),
  /** A list of layers whose outputs are added to what they take in. */
  RESIDUAL((in, value) -> new Residual(new Stack(Layers.of(in, value.layers())))),
  /** The features as height, width and channels of an image, or steps and width of a sequence. */
  SHAPE(
      (in, value) -> {
        RowShape shape = new RowShape(value.counts());
        if (shape.size() != in.size()) {
          throw new IllegalArgumentException(
              "got %s for rows of %d numbers, expected extents with this product"
                  .formatted(shape.extents(), in.size()));
        }
        return new Arranged(shape);
      }),
  /** Token numbers as vectors: vocabulary, width, and whether there are positions. */
  EMBEDDING(
      (in, value) -> {
        value.only(List.of(BuiltInLayer.VOCABULARY, BuiltInLayer.WIDTH, BuiltInLayer.POSITIONS));
        boolean positions = value.at(BuiltInLayer.POSITIONS, false).truth();
        return new Embedding(
            in,
            value.at(BuiltInLayer.VOCABULARY).count(),
            value.at(BuiltInLayer.WIDTH).count(),
            positions ? Embedding.Order.LEARNED : Embedding.Order.UNKNOWN);
      }),
  /** The last number of each step says whether the step is there. */
  MASK((in, value) -> new Mask(value.on(in))),
  /** A dense layer of so many units at each position. */
  POINTWISE((in, value) -> Shared.of(in, value.count())),
  /** Numbers with mean 0 and variance 1 over so many groups of channels, scaled and shifted. */
  GROUP_NORM((in, value) -> groups(in, value.count())),
  /** The same over the channels at each position. */
  LAYER_NORM((in, value) -> new Norm(value.on(in), 0)),
  /** The mean of each channel over all positions. */
  MEAN((in, value) -> new PositionMean(value.on(in))),
  /** Self-attention by so many heads. */
  ATTENTION((in, value) -> new Attention(in, value.count())),
  /** At each position a dense layer so many times as wide, gelu, and one as wide as the input. */
  FEED_FORWARD(
      (in, value) -> {
        int width = Math.multiplyExact(value.count(), in.channels());
        RowShape inner = in.withChannels(width);
        return Stack.of(
            Shared.of(in, width),
            new ActivationLayer(inner, Activation.GELU),
            Shared.of(inner, in.channels()));
      }),
  /** A convolution: channels, window, stride and padding. */
  CONV(
      (in, value) -> {
        value.only(
            List.of(
                BuiltInLayer.CHANNELS,
                BuiltInLayer.WINDOW,
                BuiltInLayer.STRIDE,
                BuiltInLayer.PADDING));
        return new Convolution(
            in.requireImage(), window(value, 1), value.at(BuiltInLayer.CHANNELS).count());
      }),
  /** The greatest or the mean value of a window: its side, or kind, window, stride and padding. */
  POOL(
      (in, value) -> {
        if (value.value() instanceof Number) {
          return new Pool(
              in.requireImage(), new Window(value.count(), value.count(), 0), Pool.Kind.MAX);
        }
        value.only(
            List.of(
                BuiltInLayer.KIND, BuiltInLayer.WINDOW, BuiltInLayer.STRIDE, BuiltInLayer.PADDING));
        List<String> kinds = Arrays.stream(Pool.Kind.values()).map(BuiltInLayer::word).toList();
        String kind = value.at(BuiltInLayer.KIND, word(Pool.Kind.MAX)).word(kinds);
        return new Pool(
            in.requireImage(),
            window(value, value.at(BuiltInLayer.WINDOW).count()),
            Pool.Kind.valueOf(kind.toUpperCase(Locale.ROOT)));
      });

  static final String CHANNELS = "channels";
  static final String WINDOW = "window";
  static final String STRIDE = "stride";
  static final String PADDING = "padding";
  static final String KIND = "kind";
  static final String VOCABULARY = "vocabulary";
  static final String WIDTH = "width";
  static final String POSITIONS = "positions";

  @SuppressWarnings("ImmutableEnumChecker") // Functions hold nothing.
  private final BiFunction<RowShape, LayerValue, Layer> make;

  BuiltInLayer(BiFunction<RowShape, LayerValue, Layer> make) {
    this.make = make;
  }

  private static Window window(LayerValue value, int stride) {
    return new Window(
        value.at(WINDOW).count(),
        value.at(STRIDE, stride).count(),
        value.at(PADDING, 0).countFromZero());
  }

  private static Norm groups(RowShape in, int groups) {
    if (in.channels() % groups != 0) {
      throw new IllegalArgumentException(
          "got %d groups for %d channels, expected a divisor".formatted(groups, in.channels()));
    }
    return new Norm(in, groups);
  }

  /** A constant as it is written. */
  static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  @Override
  public String label() {
    return word(this);
  }

  @Override
  public Layer create(RowShape in, LayerValue value) {
    return make.apply(in, value);
  }
}
