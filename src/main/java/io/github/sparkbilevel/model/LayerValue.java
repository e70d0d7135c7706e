package io.github.sparkbilevel.model;

import java.util.List;
import java.util.Map;

/**
 * What stands behind the name of a layer: text, a number, {@code true} or {@code false}, a list of
 * these, or a group of them as a map.
 */
public record LayerValue(Object value) {

  /** A whole number, 1 or more. */
  public int count() {
    double number = value instanceof Number given ? given.doubleValue() : Double.NaN;
    if (number >= 1 && number <= Integer.MAX_VALUE && number == Math.rint(number)) {
      return (int) number;
    }
    throw mismatch("a whole number, 1 or more");
  }

  /** One of some words. */
  public String word(List<String> words) {
    if (value instanceof String && words.contains(value)) {
      return (String) value;
    }
    throw mismatch("one of " + String.join(", ", words));
  }

  /** Layers, as {@link Layer#form()} writes them. */
  public List<Map<String, Object>> layers() {
    return Layers.forms(value);
  }

  /** What to throw for a value that does not fit. */
  public IllegalArgumentException mismatch(String expected) {
    return new IllegalArgumentException("got %s, expected %s".formatted(value, expected));
  }
}
