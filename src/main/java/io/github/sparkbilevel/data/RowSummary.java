package io.github.sparkbilevel.data;

import java.io.Serializable;
import java.util.Iterator;
import java.util.TreeMap;
import org.apache.spark.api.java.JavaRDD;

/**
 * What one scan of the parsed rows finds: the first wrong row, and of the rows with a weight above
 * 0 their number, widths, entries and kind of ids.
 */
final class RowSummary implements Serializable {
  private static final long serialVersionUID = 1L;

  long rows;
  long rowsOfWeightZero;
  boolean longIds = true;
  long nonZeros;
  ParsedRow wrong;

  /** How many rows have no label. */
  long unlabelled;

  long wrongRow = Long.MAX_VALUE;
  int minWidth = Integer.MAX_VALUE;
  int maxWidth = -1;
  String narrowest;
  String widest;

  /** The row number at which each source begins, by one Spark job that also fills the cache. */
  static long[] offsets(JavaRDD<ParsedRow> rows) {
    TreeMap<Integer, Long> counts = new TreeMap<>();
    for (TreeMap<Integer, Long> part : PerPartition.collect(rows, RowSummary::count)) {
      part.forEach((source, count) -> counts.merge(source, count, Math::max));
    }
    long[] offsets = new long[counts.isEmpty() ? 1 : counts.lastKey() + 2];
    for (int source = 0; source + 1 < offsets.length; source++) {
      offsets[source + 1] = offsets[source] + counts.getOrDefault(source, 0L);
    }
    return offsets;
  }

  private static TreeMap<Integer, Long> count(Iterator<ParsedRow> rows) {
    TreeMap<Integer, Long> counts = new TreeMap<>();
    int source = -1;
    long count = 0;
    while (rows.hasNext()) {
      ParsedRow row = rows.next();
      if (row.source != source) {
        if (source >= 0) {
          counts.merge(source, count, Math::max);
        }
        source = row.source;
        count = 0;
      }
      count = Math.max(count, row.local + 1);
    }
    if (source >= 0) {
      counts.merge(source, count, Math::max);
    }
    return counts;
  }

  /** Scans the rows below the limit in one Spark job. */
  static RowSummary of(JavaRDD<ParsedRow> rows, long[] offsets, long limit) {
    RowSummary all = new RowSummary();
    for (RowSummary part : PerPartition.collect(rows, in -> scan(in, offsets, limit))) {
      all.merge(part);
    }
    return all;
  }

  private static RowSummary scan(Iterator<ParsedRow> rows, long[] offsets, long limit) {
    RowSummary summary = new RowSummary();
    while (rows.hasNext()) {
      ParsedRow row = rows.next();
      long number = offsets[row.source] + row.local;
      if (number < limit) {
        summary.add(row, number);
      }
    }
    return summary;
  }

  private void add(ParsedRow row, long number) {
    if (row.error != null) {
      unlabelled += row.missingLabel ? 1 : 0;
      if (number < wrongRow) {
        wrong = row;
        wrongRow = number;
      }
      return;
    }
    if (row.weight == 0) {
      rowsOfWeightZero++;
      return;
    }
    rows++;
    longIds &= row.id == null || Numbers.isLong(row.id);
    nonZeros += row.features.numNonzeros();
    int width = row.features.size();
    if (width < minWidth) {
      minWidth = width;
      narrowest = row.id == null ? Long.toString(number) : row.id;
    }
    if (width > maxWidth) {
      maxWidth = width;
      widest = row.id == null ? Long.toString(number) : row.id;
    }
  }

  private void merge(RowSummary other) {
    rows += other.rows;
    rowsOfWeightZero += other.rowsOfWeightZero;
    longIds &= other.longIds;
    nonZeros += other.nonZeros;
    unlabelled += other.unlabelled;
    if (other.wrongRow < wrongRow) {
      wrong = other.wrong;
      wrongRow = other.wrongRow;
    }
    if (other.minWidth < minWidth) {
      minWidth = other.minWidth;
      narrowest = other.narrowest;
    }
    if (other.maxWidth > maxWidth) {
      maxWidth = other.maxWidth;
      widest = other.widest;
    }
  }
}
