package io.github.sparkbilevel.data;

import java.util.ArrayList;
import java.util.List;

/** Splits the records of a CSV file into cells; one object serves many records. */
final class CsvLine {
  private final CsvDialect dialect;
  private final StringBuilder cell = new StringBuilder();
  private boolean open;
  private String behind;
  private int column;

  CsvLine(CsvDialect dialect) {
    this.dialect = dialect;
  }

  /** Whether the last record ended inside quotes, so that it goes on in the next line. */
  boolean isOpen() {
    return open;
  }

  /** The text that stands behind a closing quote of the last record, or null. */
  String behind() {
    return behind;
  }

  /** The number of the cell that {@link #behind()} stands in. */
  int column() {
    return column;
  }

  /** Whether the last record can be read. */
  boolean isWell() {
    return !open && behind == null;
  }

  /**
   * The cells of a record, without blanks around them; a quote in the middle of an unquoted cell is
   * an ordinary character. Where the record is wrong, the cells end there.
   */
  String[] split(String record) {
    open = false;
    behind = null;
    return record.indexOf(dialect.quote()) < 0 ? splitPlain(record) : splitQuoted(record);
  }

  private String[] splitPlain(String record) {
    char sep = dialect.sep();
    int cells = 1;
    for (int i = record.indexOf(sep); i >= 0; i = record.indexOf(sep, i + 1)) {
      cells++;
    }
    String[] out = new String[cells];
    int from = 0;
    for (int k = 0; k < cells; k++) {
      int end = record.indexOf(sep, from);
      out[k] = record.substring(from, end < 0 ? record.length() : end).trim();
      from = end + 1;
    }
    return out;
  }

  private String[] splitQuoted(String record) {
    List<String> out = new ArrayList<>();
    int n = record.length();
    int i = 0;
    while (true) {
      while (i < n && record.charAt(i) == ' ' && dialect.sep() != ' ') {
        i++;
      }
      if (i < n && record.charAt(i) == dialect.quote()) {
        i = readQuoted(record, i + 1);
        out.add(cell.toString());
        int end = indexOfSep(record, i);
        if (!record.substring(i, end).isBlank()) {
          behind = record.substring(i, end);
          column = out.size() - 1;
          return out.toArray(new String[0]);
        }
        i = end;
      } else {
        int end = indexOfSep(record, i);
        out.add(record.substring(i, end).trim());
        i = end;
      }
      if (i >= n) {
        return out.toArray(new String[0]);
      }
      i++;
    }
  }

  private int indexOfSep(String record, int from) {
    int at = record.indexOf(dialect.sep(), from);
    return at < 0 ? record.length() : at;
  }

  /** Reads to the closing quote and returns the position after it. */
  private int readQuoted(String record, int from) {
    cell.setLength(0);
    char quote = dialect.quote();
    char escape = dialect.escape();
    int n = record.length();
    int i = from;
    while (i < n) {
      char c = record.charAt(i++);
      boolean escapes = c == escape && i < n && isEscaped(record.charAt(i));
      if (escapes) {
        cell.append(record.charAt(i++));
      } else if (c == quote) {
        return i;
      } else {
        cell.append(c);
      }
    }
    open = true;
    return i;
  }

  /** Only a quote and the escape itself are escaped; before anything else it means itself. */
  private boolean isEscaped(char next) {
    return next == dialect.quote() || next == dialect.escape();
  }

  /** Whether a record that is read piece by piece is inside quotes. */
  static final class Quotes {
    private final CsvDialect dialect;
    private boolean quoted;
    private boolean start = true;

    Quotes(CsvDialect dialect) {
      this.dialect = dialect;
    }

    /** Reads the next piece. */
    boolean isOpenAfter(String text) {
      boolean escapes = !dialect.doublesQuotes();
      int n = text.length();
      for (int i = 0; i < n; i++) {
        char c = text.charAt(i);
        if (quoted && escapes && c == dialect.escape() && i + 1 < n) {
          char next = text.charAt(i + 1);
          i += next == dialect.quote() || next == c ? 1 : 0;
        } else if (c == dialect.quote() && (quoted || start)) {
          // A doubled quote closes and opens again, which comes to the same.
          quoted = !quoted;
          start = !quoted || start;
        } else if (!quoted) {
          start = c == dialect.sep() || start && c == ' ';
        }
      }
      return quoted;
    }
  }
}
