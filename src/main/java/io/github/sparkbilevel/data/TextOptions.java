package io.github.sparkbilevel.data;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * How a table's file is to be read, where the reader should not find it out by itself: the keys
 * under {@code options} of a job file.
 *
 * @param values the options that are set, by name; characters are texts of length 1, {@code
 *     nullValue} is a list of texts, the others are texts and whole numbers
 * @param inherited the names of those that were set for the training rows; they are ignored where
 *     this table's format has no use for them
 * @param spark what a data source of Spark's is told, for the formats that are not ours
 */
public record TextOptions(
    Map<String, Object> values, Set<String> inherited, Map<String, String> spark)
    implements Serializable {

  /** The character between cells. */
  public static final String SEP = "sep";

  /** The character encoding of the file. */
  public static final String ENCODING = "encoding";

  /** The decimal mark of numbers. */
  public static final String DECIMAL = "decimal";

  /** The character around cells. */
  public static final String QUOTE = "quote";

  /** The character before a quote that belongs to the cell. */
  public static final String ESCAPE = "escape";

  /** The character that lines which are no rows begin with. */
  public static final String COMMENT = "comment";

  /** The spellings of a missing label, truth or group. */
  public static final String NULL_VALUE = "nullValue";

  /** The most lines of one quoted cell. */
  public static final String MAX_LINES = "maxLines";

  /** The first index of a libsvm file. */
  public static final String INDEX_BASE = "indexBase";

  /** The number of features of a libsvm file. */
  public static final String NUM_FEATURES = "numFeatures";

  /** Nothing is set. */
  public static final TextOptions NONE = new TextOptions(Map.of(), Set.of(), Map.of());

  private static final List<String> CSV =
      List.of(SEP, ENCODING, DECIMAL, QUOTE, ESCAPE, COMMENT, NULL_VALUE, MAX_LINES);
  private static final List<String> LIBSVM = List.of(ENCODING, INDEX_BASE, NUM_FEATURES);
  private static final List<String> CHARACTERS = List.of(SEP, DECIMAL, QUOTE, ESCAPE, COMMENT);

  /** Copies its arguments and checks the names and types. */
  public TextOptions {
    values = Map.copyOf(values);
    inherited = Set.copyOf(inherited);
    spark = Map.copyOf(spark);
    new TreeMap<>(values).forEach(TextOptions::check);
  }

  /** What a data source of Spark's is told. */
  public static TextOptions ofSpark(Map<String, String> options) {
    return new TextOptions(Map.of(), Set.of(), options);
  }

  /** Options of a program. */
  public static TextOptions of(Map<String, Object> values) {
    return new TextOptions(values, Set.of(), Map.of());
  }

  private static void check(String name, Object value) {
    List<String> known = new ArrayList<>(CSV);
    known.addAll(List.of(INDEX_BASE, NUM_FEATURES));
    if (!known.contains(name)) {
      throw new IllegalArgumentException(
          "unknown option '" + name + "'; " + Names.suggest(name, known, "options"));
    }
    String expected = null;
    if (CHARACTERS.contains(name)) {
      expected = value instanceof String s && s.length() == 1 ? null : "one character";
    } else if (name.equals(ENCODING)) {
      expected = value instanceof String s && TextEncoding.isKnown(s) ? null : "an encoding";
    } else if (name.equals(NULL_VALUE)) {
      boolean texts = value instanceof List<?> l && l.stream().allMatch(String.class::isInstance);
      expected = texts ? null : "a list of texts";
    } else if (name.equals(INDEX_BASE)) {
      expected = value instanceof Integer i && (i == 0 || i == 1) ? null : "0 or 1";
    } else {
      expected = value instanceof Integer i && i > 0 ? null : "a whole number above 0";
    }
    if (expected != null) {
      throw new IllegalArgumentException(
          "option " + name + " = '" + value + "', expected " + expected);
    }
  }

  /** Whether this machine knows a character encoding. */
  public static boolean isEncoding(String name) {
    return TextEncoding.isKnown(name);
  }

  /** Refuses an option that was set for this table and that its format has no use for. */
  void requireUsable(String role, String format) {
    List<String> usable =
        switch (format) {
          case "csv" -> CSV;
          case "libsvm" -> LIBSVM;
          case "idx" -> List.of();
          default -> List.of(NULL_VALUE);
        };
    for (String name : new TreeMap<>(values).keySet()) {
      if (!usable.contains(name) && !inherited.contains(name)) {
        throw new IllegalArgumentException(
            "data."
                + role
                + ".options."
                + name
                + " has no meaning for format "
                + format
                + (usable.isEmpty()
                    ? ", which has no options; remove the key"
                    : ", whose options are " + String.join(", ", usable) + "; remove the key"));
      }
    }
  }

  /** The character that is set, or null. */
  Character character(String name) {
    return values.get(name) instanceof String text ? text.charAt(0) : null;
  }

  /** The text that is set, or null. */
  String text(String name) {
    return (String) values.get(name);
  }

  /** The number that is set, or null. */
  Integer number(String name) {
    return (Integer) values.get(name);
  }

  /** The spellings of missing values that are set, or null. */
  List<String> nullValue() {
    return values.get(NULL_VALUE) instanceof List<?> list
        ? list.stream().map(String.class::cast).toList()
        : null;
  }
}
