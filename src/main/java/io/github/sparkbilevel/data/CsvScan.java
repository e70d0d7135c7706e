package io.github.sparkbilevel.data;

import io.github.sparkbilevel.block.DataException;
import org.apache.spark.api.java.JavaRDD;

/**
 * Reads all of a CSV file once or more to find out what its records are: whether they go on in the
 * next line, and whether a quote inside quotes is doubled or has a backslash in front.
 *
 * @param records the records
 * @param dialect how to split them
 * @param columns what is in them
 */
record CsvScan(JavaRDD<TextRecord> records, CsvDialect dialect, ColumnScan columns) {
  private static final char BACKSLASH = '\\';

  /** Scans; a record that cannot be read is refused. */
  static CsvScan of(String role, TableSpec spec, CsvFiles files, boolean[] candidate) {
    long limit = spec.limit() == null ? Long.MAX_VALUE : spec.limit();
    CsvDialect dialect = files.dialect();
    boolean open = dialect.doublesQuotes() && spec.options().text(TextOptions.ESCAPE) == null;
    CsvDialect other = open ? dialect.withEscape(BACKSLASH) : null;
    ColumnScan.Plan plan = new ColumnScan.Plan(dialect, other, files.header(), candidate, limit);
    Scanner scanner = new Scanner(spec.path(), files.records());
    boolean lines = files.records().canSplit();
    CsvScan scan = lines ? scanner.lines(plan) : scanner.whole(plan);
    if (lines && scan.columns.open.isFound()) {
      // A record goes on in the next line.
      lines = false;
      scan = scanner.whole(plan);
    }
    if (other != null && !scan.isWrong() && scan.columns.escaped.isFound()) {
      if (scan.columns.doubled.isFound()) {
        throw mixed(role, spec, scan.columns);
      }
      scan = lines ? scanner.lines(plan.with(other)) : scanner.whole(plan.with(other));
    } else if (other != null && scan.isWrong() && !lines) {
      CsvScan again = scanner.whole(plan.with(other));
      scan = again.isWrong() ? scan : again;
    }
    requireReadable(role, spec, scan.columns, limit);
    return scan;
  }

  private boolean isWrong() {
    return columns.open.isFound() || columns.wrong.isFound();
  }

  /** Runs the scans over one set of files. */
  private record Scanner(String origin, TextRecords records) {
    CsvScan lines(ColumnScan.Plan plan) {
      return scan(records.lines(plan.dialect()), plan);
    }

    CsvScan whole(ColumnScan.Plan plan) {
      return scan(records.records(plan.dialect()), plan);
    }

    private CsvScan scan(JavaRDD<TextRecord> rows, ColumnScan.Plan plan) {
      ColumnScan columns = Tasks.run(origin, () -> ColumnScan.of(rows, plan));
      return new CsvScan(rows, plan.dialect(), columns);
    }
  }

  private static DataException mixed(String role, TableSpec spec, ColumnScan columns) {
    return new DataException(
        spec.path()
            + " writes a quote inside quotes in two ways: as \\\" in row "
            + columns.escaped.row()
            + " ("
            + Names.quote(columns.escaped.text())
            + ") and as \"\" in row "
            + columns.doubled.row()
            + " ("
            + Names.quote(columns.doubled.text())
            + "), expected one of them; correct the rows, or set data."
            + role
            + ".options.escape to \"\\\\\" or to \"\\\"\"");
  }

  private static void requireReadable(String role, TableSpec spec, ColumnScan columns, long limit) {
    ColumnScan.Found open = columns.open;
    ColumnScan.Found wrong = columns.wrong;
    boolean isOpen = open.isFound() && (!wrong.isFound() || open.row() < wrong.row());
    ColumnScan.Found first = isOpen ? open : wrong;
    if (!first.isFound() || first.row() >= limit) {
      return;
    }
    throw new DataException(
        spec.path()
            + ", row "
            + first.row()
            + " (counted from 0"
            + (spec.path().endsWith(first.file()) ? "" : ", in " + first.file())
            + "): "
            + first.text()
            + "; "
            + first.fault().advice("data." + role + ".options"));
  }
}
