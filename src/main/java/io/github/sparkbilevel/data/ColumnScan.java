package io.github.sparkbilevel.data;

import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;

/**
 * What one scan of a CSV file finds: how many cells of each column are numbers.
 *
 * <p>Every row is looked at and not a sample: a column whose first text comes late would otherwise
 * change its role with the size of the sample.
 */
final class ColumnScan implements Serializable {
  private static final long serialVersionUID = 1L;

  final long[] numbers;
  final long[] texts;

  /** Row number of the first cell that is not a number, by column; −1 where there is none. */
  final long[] firstTextRow;

  final String[] firstText;
  long rows;

  /** Row number of the first record that ends inside quotes, or −1. */
  long openRow = -1;

  /** The beginning of that record. */
  String openRecord;

  private ColumnScan(int columns) {
    numbers = new long[columns];
    texts = new long[columns];
    firstTextRow = new long[columns];
    firstText = new String[columns];
    java.util.Arrays.fill(firstTextRow, -1);
  }

  /** Scans the columns that {@code candidate} marks, in one Spark job. */
  static ColumnScan of(JavaRDD<String> records, boolean[] candidate, long limit) {
    List<ColumnScan> parts =
        records.mapPartitions(rows -> List.of(scan(rows, candidate, limit)).iterator()).collect();
    ColumnScan all = new ColumnScan(candidate.length);
    for (ColumnScan part : parts) {
      all.append(part);
    }
    return all;
  }

  private static ColumnScan scan(Iterator<String> records, boolean[] candidate, long limit) {
    ColumnScan scan = new ColumnScan(candidate.length);
    while (records.hasNext()) {
      String record = records.next();
      if (scan.openRow < 0 && CsvLine.isOpen(record)) {
        scan.openRow = scan.rows;
        scan.openRecord = record.substring(0, Math.min(100, record.length()));
      }
      if (scan.rows < limit) {
        scan.add(CsvLine.split(record), candidate);
      }
      scan.rows++;
    }
    return scan;
  }

  private void add(String[] cells, boolean[] candidate) {
    int n = Math.min(cells.length, candidate.length);
    for (int j = 0; j < n; j++) {
      if (!candidate[j] || cells[j].isEmpty()) {
        continue;
      }
      if (Numbers.isNumber(cells[j])) {
        numbers[j]++;
      } else if (texts[j]++ == 0) {
        firstTextRow[j] = rows;
        firstText[j] = cells[j].substring(0, Math.min(100, cells[j].length()));
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
    }
    if (openRow < 0 && next.openRow >= 0) {
      openRow = rows + next.openRow;
      openRecord = next.openRecord;
    }
    rows += next.rows;
  }
}
