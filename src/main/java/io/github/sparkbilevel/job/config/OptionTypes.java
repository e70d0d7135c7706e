package io.github.sparkbilevel.job.config;

import io.github.sparkbilevel.data.TextOptions;
import java.util.List;
import java.util.Map;

/** The types of the options of a text file. */
final class OptionTypes {
  private OptionTypes() {}

  /** One character; a tab may be spelled too. */
  static ValueType<String> character() {
    return ValueType.of(
        "character",
        "",
        value -> {
          String text = String.valueOf(value);
          if (text.equals("tab") || text.equals("\\t")) {
            return "\t";
          }
          return text.length() == 1 ? text : null;
        });
  }

  /** The name of a character encoding. */
  static ValueType<String> encoding() {
    return ValueType.of(
        "encoding such as UTF-8",
        "",
        value -> {
          String text = String.valueOf(value);
          return TextOptions.isEncoding(text) ? text : null;
        });
  }

  /** Texts, which may be empty and may have commas. */
  static ValueType<List<String>> texts() {
    return ValueType.of(
        "string or list of strings",
        "",
        value -> {
          List<?> items = value instanceof List<?> list ? list : List.of(value);
          boolean simple = items.stream().noneMatch(i -> i instanceof List || i instanceof Map);
          return simple ? items.stream().map(String::valueOf).toList() : null;
        });
  }

  /** The first index of a libsvm file. */
  static ValueType<Integer> indexBase() {
    return ValueType.of(
        "integer",
        "0 or 1",
        value ->
            switch (String.valueOf(value)) {
              case "0" -> Integer.valueOf(0);
              case "1" -> Integer.valueOf(1);
              default -> null;
            });
  }
}
