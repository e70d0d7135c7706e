package io.github.sparkbilevel.data;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What a column becomes. */
public enum ColumnKind {
  /** One feature; blanks become the mean, and an indicator where there are enough of them. */
  NUMBER,
  /** One feature, 1 for true and 0 for false; blanks as for a number. */
  BOOLEAN,
  /** A feature for each value, blank being one; a hash where there are many. */
  CATEGORY,
  /** Days since 1970, and where in the year and in the week. */
  DATE,
  /** Weighted words, hashed. */
  TEXT,
  /** The elements of a vector, or of an array of numbers. */
  VECTOR,
  /** Nothing. */
  IGNORE;

  /** What job files and reports call it. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The kind of that word, if there is one. */
  public static Optional<ColumnKind> of(String word) {
    return Arrays.stream(values()).filter(kind -> kind.word().equals(word)).findFirst();
  }
}
