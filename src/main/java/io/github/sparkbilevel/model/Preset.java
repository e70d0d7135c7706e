package io.github.sparkbilevel.model;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Layers by one name, but the last one, whose outputs are those of the loss. */
public enum Preset {
  /**
   * Two convolutions and two dense layers for images of 28 or 32 pixels a side, after LeCun et al.,
   * <em>Gradient-Based Learning Applied to Document Recognition</em>, Proceedings of the IEEE 1998;
   * with rectifiers and the greatest value in the pools, as is usual today. The rectifiers stand
   * behind the pools, where they do the same to a quarter of the numbers.
   */
  LENET(
      "[{conv: {channels: 6, window: 5, padding: 2}}, {pool: 2}, {activation: 'relu'},"
          + " {conv: {channels: 16, window: 5}}, {pool: 2}, {activation: 'relu'},"
          + " {dense: 120}, {activation: 'relu'}, {dense: 84}, {activation: 'relu'}]"),

  /**
   * A convolution and three residual blocks of two, with norms over groups of channels, and the
   * mean over positions at the end; after He et al., <em>Deep Residual Learning for Image
   * Recognition</em>, CVPR 2016. Its first convolution jumps by two pixels, and the blocks work on
   * 16, 32 and 64 channels.
   */
  RESNET8(
      "[{conv: {channels: 16, window: 3, stride: 2, padding: 1}}, {group-norm: 4},"
          + " {activation: 'relu'}, "
          + block(16)
          + ", "
          + wider(32)
          + ", "
          + block(32)
          + ", "
          + wider(64)
          + ", "
          + block(64)
          + ", {mean: true}]"),

  /**
   * A block of a transformer over the steps of a sequence, and the mean over them at the end:
   * attention by four heads, and two dense layers at each step, the first one four times as wide;
   * each is added to what it takes in, after a norm.
   */
  TRANSFORMER_BLOCK(
      "[{residual: [{layer-norm: true}, {attention: 4}]},"
          + " {residual: [{layer-norm: true}, {feed-forward: 4}]}, {layer-norm: true},"
          + " {mean: true}]");

  private final String layers;

  Preset(String layers) {
    this.layers = layers;
  }

  /** x + two convolutions of x. */
  private static String block(int channels) {
    String conv = "{conv: {channels: %d, window: 3, padding: 1}}".formatted(channels);
    String norm = "{group-norm: %d}".formatted(channels / 4);
    return "{residual: [%s, %s, {activation: 'relu'}, %s, %s]}, {activation: 'relu'}"
        .formatted(conv, norm, conv, norm);
  }

  /** Half the pixels a side, and more channels. */
  private static String wider(int channels) {
    return "{conv: {channels: %d, window: 2, stride: 2}}, {activation: 'relu'}".formatted(channels);
  }

  /** The name in job files. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The layers. */
  public List<Map<String, Object>> form() {
    return Layers.read(layers);
  }

  /** All names. */
  public static List<String> labels() {
    return Arrays.stream(values()).map(Preset::label).toList();
  }

  /**
   * The preset of a name.
   *
   * @throws IllegalArgumentException for another name
   */
  public static Preset of(String label) {
    return Arrays.stream(values())
        .filter(preset -> preset.label().equals(label))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "got the preset %s, expected one of %s"
                        .formatted(label, String.join(", ", labels()))));
  }
}
