package io.github.sparkbilevel.examples;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** The settings of an example: those it has, each with its default, and what the user gave. */
final class Arguments {
  private final Map<String, String> values;

  private Arguments(Map<String, String> values) {
    this.values = values;
  }

  /**
   * Reads settings of the form key=value.
   *
   * @param defaults the settings there are
   * @throws UsageException for anything else
   */
  static Arguments of(Map<String, String> defaults, List<String> given) {
    Map<String, String> values = new LinkedHashMap<>(defaults);
    for (String word : given) {
      int cut = word.indexOf('=');
      if (cut < 1 || !defaults.containsKey(word.substring(0, cut))) {
        throw new UsageException(
            "'%s' is no setting of this example, expected %s; write one as key=value"
                .formatted(word, String.join(", ", defaults.keySet())));
      }
      values.put(word.substring(0, cut), word.substring(cut + 1));
    }
    return new Arguments(values);
  }

  String text(String key) {
    return values.get(key);
  }

  /** A whole number within a range. */
  int number(String key, int least, int most) {
    return within(key, least, most, "whole number", Integer::parseInt);
  }

  /** A number within a range. */
  double fraction(String key, double least, double most) {
    return within(key, least, most, "number", Double::parseDouble);
  }

  boolean flag(String key) {
    String text = text(key);
    if (!text.equals("true") && !text.equals("false")) {
      throw new UsageException("%s = %s, expected true or false".formatted(key, text));
    }
    return text.equals("true");
  }

  private <N extends Number & Comparable<N>> N within(
      String key, N least, N most, String kind, Function<String, N> parse) {
    try {
      N value = parse.apply(text(key));
      if (value.compareTo(least) >= 0 && value.compareTo(most) <= 0) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Told below, like a number out of range.
    }
    throw new UsageException(
        "%s = %s, expected a %s from %s to %s; try %s=%s"
            .formatted(key, text(key), kind, least, most, key, least));
  }
}
