package io.github.sparkbilevel.data;

import java.util.List;
import java.util.Set;

/**
 * Which texts mean that a label, a truth or a group is missing: the one rule of every format.
 *
 * <p>The option {@code nullValue} replaces the spellings; blank always means missing, and so does
 * NaN in a column of real numbers.
 */
final class MissingValues {
  /** The spellings of pandas, R, SQL, Python, Excel and Weka. */
  static final List<String> DEFAULT =
      List.of("NA", "N/A", "nan", "NaN", "?", "null", "NULL", "None", "<NA>", "#N/A");

  private static final Set<String> DEFAULT_SET = Set.copyOf(DEFAULT);

  private MissingValues() {}

  /** Whether a text means that there is nothing. */
  static boolean isMissing(TableSpec spec, String text) {
    if (text == null || text.isBlank()) {
      return true;
    }
    List<String> given = spec.options().nullValue();
    String plain = text.trim();
    return given == null ? DEFAULT_SET.contains(plain) : given.contains(plain);
  }

  /** What is there instead of a value, for messages: nothing, or a spelling. */
  static String describe(String text) {
    return text == null || text.isBlank()
        ? "is empty"
        : "has " + Names.quote(text.trim()) + ", which means that it is missing";
  }
}
