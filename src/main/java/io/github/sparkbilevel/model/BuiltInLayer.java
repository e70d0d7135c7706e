package io.github.sparkbilevel.model;

import java.util.Arrays;
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
  RESIDUAL((in, value) -> new Residual(new Stack(Layers.of(in, value.layers()))));

  @SuppressWarnings("ImmutableEnumChecker") // Functions hold nothing.
  private final BiFunction<RowShape, LayerValue, Layer> make;

  BuiltInLayer(BiFunction<RowShape, LayerValue, Layer> make) {
    this.make = make;
  }

  @Override
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  @Override
  public Layer create(RowShape in, LayerValue value) {
    return make.apply(in, value);
  }
}
