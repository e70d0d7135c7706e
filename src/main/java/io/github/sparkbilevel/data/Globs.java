package io.github.sparkbilevel.data;

import org.apache.hadoop.fs.Path;

/** The patterns by which Hadoop and Spark understand paths. */
final class Globs {
  private static final String SPECIAL = "[\\[\\]{}*?\\\\]";

  private Globs() {}

  /** A path as a pattern that matches only itself: a backslash makes each character literal. */
  static Path literal(Path path) {
    String text = path.toString();
    String escaped = literal(text);
    return escaped.equals(text) ? path : new Path(escaped);
  }

  /** The same for text. */
  static String literal(String path) {
    return path.replaceAll(SPECIAL, "\\\\$0");
  }

  /** Whether a name could mean several files. */
  static boolean isPattern(String name) {
    return name.matches(".*[\\[{*?].*");
  }
}
