package io.github.sparkbilevel.data;

import java.io.Serializable;

/**
 * How the text of a CSV file is to be understood.
 *
 * @param sep the character between cells
 * @param quote the character around cells that hold separators, quotes or line breaks
 * @param escape the character before a quote that belongs to the cell; the quote itself where
 *     quotes are doubled
 * @param decimal the decimal mark of numbers
 * @param comment what lines that are no rows begin with, anywhere in the file, or null
 * @param maxLines the most lines of one quoted cell
 */
record CsvDialect(char sep, char quote, char escape, char decimal, Character comment, int maxLines)
    implements Serializable {

  /**
   * The most lines of a quoted cell unless the option {@code maxLines} says otherwise. A quote that
   * closes later is taken for one that was never meant to open a cell.
   */
  static final int MAX_LINES = 100;

  /** Commas, double quotes that are doubled inside quotes, decimal points. */
  static final CsvDialect PLAIN = new CsvDialect(',', '"', '"', '.', null, MAX_LINES);

  /** Lines in which no character opens a quoted cell. */
  static final CsvDialect UNQUOTED = new CsvDialect(',', '\0', '\0', '.', null, 1);

  /** The dialect of the options, and the plain one where they are silent. */
  static CsvDialect of(TextOptions options) {
    char quote = or(options.character(TextOptions.QUOTE), PLAIN.quote);
    Integer lines = options.number(TextOptions.MAX_LINES);
    return new CsvDialect(
        or(options.character(TextOptions.SEP), PLAIN.sep),
        quote,
        or(options.character(TextOptions.ESCAPE), quote),
        or(options.character(TextOptions.DECIMAL), PLAIN.decimal),
        options.character(TextOptions.COMMENT),
        lines == null ? MAX_LINES : lines);
  }

  private static char or(Character given, char other) {
    return given == null ? other : given;
  }

  CsvDialect withSep(char other) {
    return new CsvDialect(other, quote, escape, decimal, comment, maxLines);
  }

  CsvDialect withDecimal(char other) {
    return new CsvDialect(sep, quote, escape, other, comment, maxLines);
  }

  CsvDialect withEscape(char other) {
    return new CsvDialect(sep, quote, other, decimal, comment, maxLines);
  }

  /** Whether a quote inside quotes is written as two quotes. */
  boolean doublesQuotes() {
    return escape == quote;
  }

  /** The cell as a number with a decimal point, or null where it is not a number. */
  String number(String cell) {
    if (decimal == '.') {
      return Numbers.isNumber(cell) ? cell : null;
    }
    if (cell.indexOf('.') >= 0) {
      return null;
    }
    String plain = cell.replace(decimal, '.');
    return Numbers.isNumber(plain) ? plain : null;
  }

  /** A number with a decimal point, any other text as it is; null for null. */
  String plain(String cell) {
    if (cell == null || decimal == '.') {
      return cell;
    }
    String number = number(cell);
    return number == null ? cell : number;
  }

  /** The name of a separator in messages. */
  static String name(char sep) {
    return switch (sep) {
      case '\t' -> "tab";
      case ' ' -> "blank";
      default -> "'" + sep + "'";
    };
  }
}
