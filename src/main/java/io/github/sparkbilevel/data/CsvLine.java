package io.github.sparkbilevel.data;

import java.util.ArrayList;
import java.util.List;

/** One record of a CSV file: commas, double quotes around a cell, a doubled quote for a quote. */
final class CsvLine {
  private CsvLine() {}

  /** Whether the text ends inside quotes, so that the record goes on in the next line. */
  static boolean isOpen(String text) {
    return text.indexOf('"') >= 0 && new Quotes().isOpenAfter(text);
  }

  /** Whether a record that is read piece by piece is inside quotes. */
  static final class Quotes {
    private boolean quoted;
    private boolean start = true;

    /** Reads the next piece. */
    boolean isOpenAfter(String text) {
      for (int i = 0; i < text.length(); i++) {
        char c = text.charAt(i);
        if (c == '"' && (quoted || start)) {
          // A doubled quote closes and opens again, which comes to the same.
          quoted = !quoted;
          start = !quoted || start;
        } else if (!quoted) {
          start = c == ',' || start && c == ' ';
        }
      }
      return quoted;
    }
  }

  /** The cells of a record; a quote in the middle of an unquoted cell is an ordinary character. */
  static String[] split(String record) {
    return record.indexOf('"') < 0 ? splitPlain(record) : splitQuoted(record);
  }

  private static String[] splitPlain(String record) {
    int cells = 1;
    for (int i = record.indexOf(','); i >= 0; i = record.indexOf(',', i + 1)) {
      cells++;
    }
    String[] out = new String[cells];
    int from = 0;
    for (int k = 0; k < cells; k++) {
      int comma = record.indexOf(',', from);
      out[k] = record.substring(from, comma < 0 ? record.length() : comma).trim();
      from = comma + 1;
    }
    return out;
  }

  private static String[] splitQuoted(String record) {
    List<String> out = new ArrayList<>();
    StringBuilder cell = new StringBuilder();
    int n = record.length();
    int i = 0;
    while (true) {
      while (i < n && record.charAt(i) == ' ') {
        i++;
      }
      cell.setLength(0);
      if (i < n && record.charAt(i) == '"') {
        i = readQuoted(record, i + 1, cell);
        out.add(cell.toString());
        while (i < n && record.charAt(i) != ',') {
          i++;
        }
      } else {
        int comma = record.indexOf(',', i);
        int end = comma < 0 ? n : comma;
        out.add(record.substring(i, end).trim());
        i = end;
      }
      if (i >= n) {
        return out.toArray(new String[0]);
      }
      i++;
    }
  }

  /** Reads to the closing quote and returns the position after it. */
  private static int readQuoted(String record, int from, StringBuilder cell) {
    int i = from;
    while (i < record.length()) {
      char c = record.charAt(i++);
      if (c != '"') {
        cell.append(c);
      } else if (i < record.length() && record.charAt(i) == '"') {
        cell.append('"');
        i++;
      } else {
        break;
      }
    }
    return i;
  }
}
