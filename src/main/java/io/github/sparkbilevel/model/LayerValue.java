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
    return from(1);
  }

  /** A whole number, 0 or more. */
  public int countFromZero() {
    return from(0);
  }

  private int from(int least) {
    double number = value instanceof Number given ? given.doubleValue() : Double.NaN;
    if (number >= least && number <= Integer.MAX_VALUE && number == Math.rint(number)) {
      return (int) number;
    }
    throw mismatch("a whole number, %d or more".formatted(least));
  }

  /** Whole numbers, one or more, each 1 or more. */
  public List<Integer> counts() {
    if (value instanceof List<?> list && !list.isEmpty()) {
      return list.stream().map(item -> new LayerValue(item).count()).toList();
    }
    throw mismatch("a list of whole numbers");
  }

  private Map<?, ?> group() {
    if (value instanceof Map<?, ?> map) {
      return map;
    }
    throw mismatch("a group such as {name = value}");
  }

  /** Checks that a group has no names but these. */
  public void only(List<String> names) {
    for (Object name : group().keySet()) {
      if (!names.contains(name)) {
        throw new IllegalArgumentException(
            "got the name %s, expected %s".formatted(name, String.join(", ", names)));
      }
    }
  }

  /** What stands behind a name of a group. */
  public LayerValue at(String name) {
    if (group().get(name) == null) {
      throw mismatch("a group with a value for " + name);
    }
    return new LayerValue(group().get(name));
  }

  /** The same, or a default where the name is absent. */
  public LayerValue at(String name, Object absent) {
    return group().get(name) == null ? new LayerValue(absent) : at(name);
  }

  /** A thing, where the value is {@code true}: that of a layer with nothing to choose. */
  public <T> T on(T thing) {
    if (Boolean.TRUE.equals(value)) {
      return thing;
    }
    throw mismatch("true");
  }

  /** True or false. */
  public boolean truth() {
    if (value instanceof Boolean truth) {
      return truth;
    }
    throw mismatch("true or false");
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
