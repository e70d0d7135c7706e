package io.github.sparkbilevel.settings;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What the tensors of layers are called in a file, as a group of keys or in JSON. */
final class TensorNames {
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(JsonReadFeature.ALLOW_UNQUOTED_FIELD_NAMES, JsonReadFeature.ALLOW_SINGLE_QUOTES)
          .build();

  private TensorNames() {}

  /** The names for each layer; null for a text that has none. */
  static Map<String, List<String>> read(String json) {
    try {
      return of(JSON.readValue(json, Object.class));
    } catch (JsonProcessingException e) {
      return null;
    }
  }

  /** The same from a group of a name or a list of names for each layer. */
  static Map<String, List<String>> of(Object value) {
    if (!(value instanceof Map<?, ?> group)) {
      return null;
    }
    Map<String, List<String>> names = new TreeMap<>();
    for (Map.Entry<?, ?> entry : group.entrySet()) {
      List<?> given = entry.getValue() instanceof List<?> list ? list : List.of(entry.getValue());
      if (given.isEmpty() || !given.stream().allMatch(String.class::isInstance)) {
        return null;
      }
      names.put(String.valueOf(entry.getKey()), given.stream().map(String::valueOf).toList());
    }
    return names;
  }

  /** Names as JSON. */
  static String write(Map<String, List<String>> names) {
    try {
      return JSON.writeValueAsString(names);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("the names " + names + " cannot be written as JSON", e);
    }
  }
}
