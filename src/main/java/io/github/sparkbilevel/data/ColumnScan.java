package io.github.sparkbilevel.data;

import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;

/**
 * What one scan of a CSV file finds: how many cells of each column are numbers, and which records
 * cannot be read.
 *
 * <p>Every row is looked at and not a sample: a column whose first text comes late would otherwise
 * change its role with the size of the sample.
 */
final class ColumnScan implements Serializable {
  private static final long serialVersionUID = 1L;

  private static final int SHOWN = 100;

  /**
   * What to look at.
   *
   * @param dialect how to split
   * @param other the other way to escape quotes, to find out which one the file has; or null
   * @param header the names of the columns
   * @param candidate which columns may be features
   * @param limit how many rows count
   */
  record Plan(
      CsvDialect dialect, CsvDialect other, List<String> header, boolean[] candidate, long limit)
      implements Serializable {

    Plan with(CsvDialect chosen) {
      return new Plan(chosen, null, header, candidate, limit);
    }
  }

  final long[] numbers;
  final long[] texts;

  /** Row number of the first cell that is not a number, by column; −1 where there is none. */
  final long[] firstTextRow;

  final String[] firstText;

  /** The whole numbers of columns that may be row numbers; null for the others. */
  final IndexColumns.Cells[] whole;

  long rows;

  /** How many of the rows were looked at cell by cell. */
  long counted;

  /** How many of those have more or fewer cells than the header. */
  long ragged;

  /** The first record that cannot be read. */
  final Found wrong = new Found();

  /** The first record that ends inside quotes, and may go on in the next line. */
  final Found open = new Found();

  /** The first record that only doubled quotes explain. */
  final Found doubled = new Found();

  /** The first record that only the other escape explains. */
  final Found escaped = new Found();

  private ColumnScan(Plan plan) {
    int columns = plan.header().size();
    numbers = new long[columns];
    texts = new long[columns];
    firstTextRow = new long[columns];
    firstText = new String[columns];
    whole = new IndexColumns.Cells[columns];
    java.util.Arrays.fill(firstTextRow, -1);
    for (int j = 0; j < columns; j++) {
      if (plan.candidate()[j] && IndexColumns.mayBe(plan.header().get(j), plan.header())) {
        whole[j] = new IndexColumns.Cells();
      }
    }
  }

  /** The first record of a kind. */
  static final class Found implements Serializable {
    private static final long serialVersionUID = 1L;
    private boolean found;
    private long row;
    private String file;
    private TextFault fault;
    private String text;

    private void add(long number, TextRecord record, TextFault why, String what) {
      if (!found) {
        found = true;
        row = number;
        file = record.file();
        fault = why;
        text = what;
      }
    }

    private void append(long before, Found next) {
      if (!found && next.found) {
        found = true;
        row = before + next.row;
        file = next.file;
        fault = next.fault;
        text = next.text;
      }
    }

    boolean isFound() {
      return found;
    }

    /** The number of the row. */
    long row() {
      return row;
    }

    /** The name of its file. */
    String file() {
      return file;
    }

    /** Why it cannot be read, or null. */
    TextFault fault() {
      return fault;
    }

    /** What is to be said of it. */
    String text() {
      return text;
    }
  }

  /** Scans the records in one Spark job. */
  static ColumnScan of(JavaRDD<TextRecord> records, Plan plan) {
    List<ColumnScan> parts = PerPartition.collect(records, rows -> scan(rows, plan));
    ColumnScan all = new ColumnScan(plan);
    for (ColumnScan part : parts) {
      all.append(part);
    }
    return all;
  }

  private static ColumnScan scan(Iterator<TextRecord> records, Plan plan) {
    ColumnScan scan = new ColumnScan(plan);
    CsvLine line = new CsvLine(plan.dialect());
    CsvLine other = plan.other() == null ? null : new CsvLine(plan.other());
    while (records.hasNext()) {
      TextRecord record = records.next();
      if (record.fault() != null) {
        scan.wrong.add(scan.rows, record, record.fault(), describe(record, plan));
      } else {
        String[] cells = line.split(record.text());
        boolean explained =
            other != null && scan.compare(record, line.isWell(), cells.length, other, plan);
        if (!explained || line.isWell()) {
          scan.check(record, line, cells, plan);
        }
        if (scan.rows < plan.limit()) {
          scan.add(record.arranged(cells), plan);
          scan.counted++;
        }
      }
      scan.rows++;
    }
    return scan;
  }

  /** Notes a record that only one of the two ways explains; tells whether one does. */
  private boolean compare(TextRecord record, boolean well, int cells, CsvLine other, Plan plan) {
    String text = record.text();
    char quote = plan.dialect().quote();
    int at = text.indexOf(quote);
    boolean ambiguous = false;
    while (at >= 0 && !ambiguous) {
      boolean escape = at > 0 && text.charAt(at - 1) == plan.other().escape();
      boolean twice = at + 1 < text.length() && text.charAt(at + 1) == quote;
      ambiguous = escape || twice;
      at = text.indexOf(quote, at + 1);
    }
    if (!ambiguous) {
      return false;
    }
    int width = plan.header().size();
    boolean byDoubled = well && cells == width;
    boolean byEscape = other.split(text).length == width && other.isWell();
    if (byDoubled != byEscape) {
      (byDoubled ? doubled : escaped).add(rows, record, null, begin(text));
    }
    return byDoubled || byEscape;
  }

  private static String begin(String text) {
    return text.substring(0, Math.min(SHOWN, text.length()));
  }

  private static String quoted(TextRecord record) {
    return Names.quote(begin(record.text()));
  }

  private static String describe(TextRecord record, Plan plan) {
    return record.fault() == TextFault.TOO_LONG
        ? "a quote is not closed within "
            + plan.dialect().maxLines()
            + " lines, expected \"text\"; the row begins "
            + quoted(record)
        : "the line is not text in the encoding of the file: " + quoted(record);
  }

  private void check(TextRecord record, CsvLine line, String[] cells, Plan plan) {
    if (line.isOpen()) {
      open.add(
          rows,
          record,
          TextFault.OPEN,
          "a quote is never closed, expected \"text\"; the row begins " + quoted(record));
    } else if (line.behind() != null) {
      int column = line.column();
      String name =
          column < plan.header().size() && record.order() == null
              ? "column '" + plan.header().get(column) + "'"
              : "cell " + (column + 1);
      wrong.add(
          rows,
          record,
          TextFault.BEHIND_QUOTE,
          name
              + " has "
              + Names.quote(begin(line.behind()))
              + " behind a closing quote, expected a separator or the end of the row; the row"
              + " begins "
              + quoted(record));
    } else if (record.text().indexOf('\n') >= 0) {
      for (String cell : cells) {
        if (swallows(cell, plan)) {
          wrong.add(
              rows,
              record,
              TextFault.SWALLOWS_ROWS,
              "a quoted cell holds whole rows, as after a quote that was never meant to open one;"
                  + " the cell begins "
                  + Names.quote(begin(cell)));
        }
      }
    }
  }

  /** Whether a cell holds a line that is a row: as many cells, and half of them numbers. */
  private static boolean swallows(String cell, Plan plan) {
    int first = cell.indexOf('\n');
    int last = cell.lastIndexOf('\n');
    if (first < 0 || first == last) {
      return false;
    }
    CsvLine line = new CsvLine(plan.dialect());
    for (String text : cell.substring(first + 1, last).split("\n")) {
      String[] cells = line.split(text);
      if (cells.length == plan.header().size() && cells.length > 1) {
        long numbers =
            java.util.Arrays.stream(cells).filter(c -> plan.dialect().number(c) != null).count();
        if (2 * numbers >= cells.length) {
          return true;
        }
      }
    }
    return false;
  }

  private void add(String[] cells, Plan plan) {
    int n = Math.min(cells.length, numbers.length);
    ragged += cells.length == numbers.length ? 0 : 1;
    for (int j = 0; j < n; j++) {
      if (!plan.candidate()[j]) {
        continue;
      }
      String number = cells[j].isEmpty() ? null : plan.dialect().number(cells[j]);
      if (whole[j] != null) {
        whole[j].add(number == null ? null : Double.valueOf(Numbers.parse(number)));
      }
      if (number != null) {
        numbers[j]++;
      } else if (!cells[j].isEmpty() && texts[j]++ == 0) {
        firstTextRow[j] = rows;
        firstText[j] = begin(cells[j]);
      }
    }
  }

  private void append(ColumnScan next) {
    for (int j = 0; j < numbers.length; j++) {
      numbers[j] += next.numbers[j];
      texts[j] += next.texts[j];
      if (firstTextRow[j] < 0 && next.firstTextRow[j] >= 0) {
        firstTextRow[j] = rows + next.firstTextRow[j];
        firstText[j] = next.firstText[j];
      }
      if (whole[j] != null) {
        whole[j].append(next.whole[j]);
      }
    }
    wrong.append(rows, next.wrong);
    open.append(rows, next.open);
    doubled.append(rows, next.doubled);
    escaped.append(rows, next.escaped);
    counted += next.counted;
    ragged += next.ragged;
    rows += next.rows;
  }
}
