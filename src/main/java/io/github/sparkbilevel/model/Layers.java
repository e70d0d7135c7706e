package io.github.sparkbilevel.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Layers by name: those of the library, and those of the jars of users.
 *
 * <p>Their form is a list of groups of one key each, as in {@code [{dense = 64}, {activation =
 * tanh}]}: the name of the layer, and what it is made of.
 */
public final class Layers {
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(JsonReadFeature.ALLOW_UNQUOTED_FIELD_NAMES, JsonReadFeature.ALLOW_SINGLE_QUOTES)
          .build();

  private Layers() {}

  private static List<LayerProvider> all() {
    List<LayerProvider> all = new ArrayList<>(Arrays.asList(BuiltInLayer.values()));
    all.addAll(Services.all(LayerProvider.class));
    return all;
  }

  /** The names of all that there are, those of the library first. */
  public static List<String> names() {
    return all().stream().map(LayerProvider::label).toList();
  }

  /**
   * The layers of a form, each of which takes in what the one before gives.
   *
   * @param in the shape of the rows that the first one takes in
   * @throws IllegalArgumentException for a layer that there is not, or that does not fit
   */
  public static List<Layer> of(RowShape in, List<Map<String, Object>> form) {
    List<Layer> layers = new ArrayList<>();
    RowShape shape = in;
    int number = 0;
    for (Map<String, Object> one : form) {
      Map.Entry<String, Object> entry = one.entrySet().iterator().next();
      // A shape is usually a setting of its own, and no layer to who counts them.
      number += entry.getKey().equals(BuiltInLayer.SHAPE.label()) ? 0 : 1;
      try {
        Layer layer = provider(entry.getKey()).create(shape, new LayerValue(entry.getValue()));
        shape = layer.out();
        layers.add(layer);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            "layer %d of layers, %s: %s".formatted(number, entry.getKey(), e.getMessage()), e);
      }
    }
    return layers;
  }

  private static LayerProvider provider(String name) {
    return Services.named(name, all(), LayerProvider::label)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "there is no such layer, expected one of %s; give the jar that has it by --jars"
                        .formatted(String.join(", ", names()))));
  }

  /** The form of dense layers of these widths, each with an activation behind it. */
  public static List<Map<String, Object>> dense(List<Integer> widths, String activation) {
    List<Map<String, Object>> form = new ArrayList<>();
    for (int width : widths) {
      form.add(Map.of("dense", width));
      form.add(Map.of("activation", activation));
    }
    return form;
  }

  /**
   * A value as a form.
   *
   * @throws IllegalArgumentException unless it is a list of groups of one key each
   */
  public static List<Map<String, Object>> forms(Object value) {
    if (!(value instanceof List<?> list)) {
      throw new LayerValue(value).mismatch("a list of layers such as [{dense = 64}]");
    }
    List<Map<String, Object>> form = new ArrayList<>();
    for (Object item : list) {
      if (!(item instanceof Map<?, ?> map) || map.size() != 1 || map.containsValue(null)) {
        throw new LayerValue(item).mismatch("a layer such as {dense = 64}");
      }
      map.forEach((name, inner) -> form.add(Map.of(String.valueOf(name), inner)));
    }
    return form;
  }

  /**
   * The form that a text in JSON has, in which names may go without quotes.
   *
   * @throws IllegalArgumentException for another text
   */
  public static List<Map<String, Object>> read(String json) {
    try {
      return forms(JSON.readValue(json, Object.class));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "got %s, expected layers in JSON such as [{dense: 64}, {activation: 'tanh'}]"
              .formatted(json),
          e);
    }
  }

  /** The layer that makes rows of this shape of features. */
  public static Map<String, Object> shape(List<Integer> extents) {
    return Map.of(BuiltInLayer.SHAPE.label(), extents);
  }

  /** Whether the first layer of a form takes in pictures alone. */
  public static boolean beginWithPicture(List<Map<String, Object>> form) {
    return !form.isEmpty()
        && Stream.of(BuiltInLayer.CONV, BuiltInLayer.POOL)
            .anyMatch(layer -> form.get(0).containsKey(layer.label()));
  }

  /** Whether a layer of a form takes in features as they were read, standardised by none. */
  public static boolean takeRawFeatures(List<Map<String, Object>> form) {
    return form.stream()
        .anyMatch(
            layer ->
                layer.containsKey(BuiltInLayer.EMBEDDING.label())
                    || layer.containsKey(BuiltInLayer.MASK.label()));
  }

  /** A form as JSON. */
  public static String write(List<Map<String, Object>> form) {
    try {
      return JSON.writeValueAsString(form);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("the layers " + form + " cannot be written as JSON", e);
    }
  }
}
