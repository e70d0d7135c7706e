package io.github.sparkbilevel.data;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the first lines of a CSV file show: lines in front of the header, and the separator.
 *
 * @param lines how many lines stand in front of the header
 * @param comments how many of them are comments
 * @param said the separator of a first line {@code sep=;}, as Excel takes it, or null
 * @param sample the header and the lines below it, as many as were asked for
 */
record CsvGuess(long lines, int comments, Character said, List<String> sample) {
  /** How many lines the separator and the decimal mark are guessed from. */
  static final int SAMPLE = 200;

  private static final char COMMENT = '#';
  private static final String SEPARATORS = ",;\t|";
  private static final Pattern SAID = Pattern.compile("\"?sep=(.)\"?", Pattern.CASE_INSENSITIVE);
  private static final Pattern COMMA_NUMBER =
      Pattern.compile("[+-]?[0-9]+,[0-9]+([eE][+-]?[0-9]+)?");
  private static final Pattern THOUSANDS = Pattern.compile("[+-]?[0-9]{1,3}(,[0-9]{3})+");
  private static final Pattern POINT_NUMBER =
      Pattern.compile("[+-]?[0-9]*\\.[0-9]+([eE][+-]?[0-9]+)?");

  /** Reads a file up to its header, and so many lines from there on. */
  static CsvGuess of(TextLines in, TextOptions options, String label, int wanted)
      throws IOException {
    Character given = options.character(TextOptions.COMMENT);
    char comment = given == null ? COMMENT : given;
    int comments = 0;
    Character said = null;
    long before = 0;
    String line = in.next();
    while (line != null) {
      Matcher matcher = SAID.matcher(line);
      if (!line.isBlank()) {
        if (comments == 0 && said == null && matcher.matches()) {
          said = matcher.group(1).charAt(0);
        } else if (line.charAt(0) == comment && (given != null || !isHeader(line, label))) {
          comments++;
        } else {
          break;
        }
      }
      before = in.lines();
      line = in.next();
    }
    List<String> sample = new ArrayList<>();
    while (line != null && sample.size() < wanted) {
      if (!line.isBlank()) {
        sample.add(line);
      }
      line = in.next();
    }
    return new CsvGuess(before, comments, said, sample);
  }

  /** Some programs put the sign in front of the header itself. */
  private static boolean isHeader(String line, String label) {
    for (char sep : SEPARATORS.toCharArray()) {
      List<String> names = split(line, CsvDialect.PLAIN.withSep(sep));
      if (names.size() > 1 && names.contains(label)) {
        return true;
      }
    }
    return false;
  }

  private static List<String> split(String line, CsvDialect dialect) {
    return Arrays.asList(new CsvLine(dialect).split(line));
  }

  /** The separator that splits the sample into equal rows, or null where none does. */
  Character separator(CsvDialect dialect, String label) {
    if (said != null) {
      return said;
    }
    Character best = null;
    double most = 0;
    for (char sep : SEPARATORS.toCharArray()) {
      CsvLine line = new CsvLine(dialect.withSep(sep));
      String[] header = line.split(sample.get(0));
      if (header.length < 2) {
        continue;
      }
      double score = Arrays.asList(header).contains(label) ? 2 : 0;
      for (String row : sample) {
        score += (line.split(row).length == header.length ? 1.0 : 0.0) / sample.size();
      }
      if (score > most) {
        best = sep;
        most = score;
      }
    }
    return best;
  }

  /** The decimal mark of the sample: a comma only where no number has a point. */
  char decimal(CsvDialect dialect) {
    if (dialect.sep() == ',') {
      return '.';
    }
    CsvLine line = new CsvLine(dialect);
    boolean comma = false;
    for (String row : sample.subList(Math.min(1, sample.size()), sample.size())) {
      for (String cell : line.split(row)) {
        if (POINT_NUMBER.matcher(cell).matches()) {
          return '.';
        }
        comma |= COMMA_NUMBER.matcher(cell).matches() && !THOUSANDS.matcher(cell).matches();
      }
    }
    return comma ? ',' : '.';
  }

  /** Whether a text would be a number if its decimal mark were a comma. */
  static boolean isCommaNumber(String text) {
    return COMMA_NUMBER.matcher(text).matches();
  }
}
