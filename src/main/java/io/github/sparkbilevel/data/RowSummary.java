package io.github.sparkbilevel.data;

import java.io.Serializable;
import java.util.Iterator;
import java.util.Map;
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

  /** How many rows have probabilities that do not quite sum to 1. */
  long unevenRows;

  /** How many rows have no label. */
  long unlabelled;

  int minWidth = Integer.MAX_VALUE;
  int maxWidth = -1;
  private Named narrowest;
  private Named widest;

  /** One more than the greatest number of a row within its source. */
  private long end;

  /** The row number at which each source begins, in the summary of all sources. */
  private long[] offsets;

  /** A row: its id, or where it lies. A class, since Kryo cannot write records. */
  private static final class Named implements Serializable {
    private static final long serialVersionUID = 1L;

    private final int source;
    private final long local;
    private final String id;

    Named(RowChunk chunk, int row) {
      source = chunk.source(row);
      local = chunk.local(row);
      id = chunk.id(row);
    }
  }

  /**
   * Scans the rows below the limit in one Spark job, which also fills the cache; in two where the
   * limit cuts through them.
   */
  static RowSummary of(JavaRDD<RowChunk> rows, long limit) {
    RowSummary all = scan(rows, new long[0], Long.MAX_VALUE);
    long[] offsets = all.offsets;
    if (offsets[offsets.length - 1] > limit) {
      all = scan(rows, offsets, limit);
      all.offsets = offsets;
    }
    return all;
  }

  private static RowSummary scan(JavaRDD<RowChunk> rows, long[] offsets, long limit) {
    TreeMap<Integer, RowSummary> sources = new TreeMap<>();
    for (Map<Integer, RowSummary> part :
        PerPartition.collect(rows, in -> bySource(in, offsets, limit))) {
      part.forEach(
          (source, own) -> sources.computeIfAbsent(source, s -> new RowSummary()).merge(own));
    }
    RowSummary all = new RowSummary();
    all.offsets = new long[sources.isEmpty() ? 1 : sources.lastKey() + 2];
    for (int source = 0; source + 1 < all.offsets.length; source++) {
      RowSummary own = sources.getOrDefault(source, new RowSummary());
      all.offsets[source + 1] = all.offsets[source] + own.end;
      all.merge(own);
    }
    return all;
  }

  private static TreeMap<Integer, RowSummary> bySource(
      Iterator<RowChunk> chunks, long[] offsets, long limit) {
    TreeMap<Integer, RowSummary> sources = new TreeMap<>();
    int last = -1;
    RowSummary own = null;
    while (chunks.hasNext()) {
      RowChunk chunk = chunks.next();
      for (int i = 0; i < chunk.rows(); i++) {
        int source = chunk.source(i);
        if (source != last) {
          own = sources.computeIfAbsent(source, s -> new RowSummary());
          last = source;
        }
        if (limit == Long.MAX_VALUE || offsets[source] + chunk.local(i) < limit) {
          own.add(chunk, i);
        }
      }
      for (ParsedRow row : chunk.wrong()) {
        if (limit == Long.MAX_VALUE || offsets[row.source] + row.local < limit) {
          sources.computeIfAbsent(row.source, s -> new RowSummary()).addWrong(row);
        }
      }
    }
    return sources;
  }

  private void addWrong(ParsedRow row) {
    end = Math.max(end, row.local + 1);
    unlabelled += row.roles.missingLabel ? 1 : 0;
    if (isFirst(row)) {
      wrong = row;
    }
  }

  private boolean isFirst(ParsedRow row) {
    return wrong == null
        || row.source < wrong.source
        || row.source == wrong.source && row.local < wrong.local;
  }

  private void add(RowChunk chunk, int row) {
    end = Math.max(end, chunk.local(row) + 1);
    if (chunk.weight(row) == 0) {
      rowsOfWeightZero++;
      return;
    }
    rows++;
    longIds &= !chunk.hasTextId(row);
    nonZeros += chunk.nonZeros(row);
    unevenRows += GivenProbabilities.isUneven(chunk.probabilities(row)) ? 1 : 0;
    int width = chunk.width(row);
    if (width < minWidth) {
      minWidth = width;
      narrowest = new Named(chunk, row);
    }
    if (width > maxWidth) {
      maxWidth = width;
      widest = new Named(chunk, row);
    }
  }

  private void merge(RowSummary other) {
    rows += other.rows;
    rowsOfWeightZero += other.rowsOfWeightZero;
    longIds &= other.longIds;
    nonZeros += other.nonZeros;
    unevenRows += other.unevenRows;
    unlabelled += other.unlabelled;
    end = Math.max(end, other.end);
    if (other.wrong != null && isFirst(other.wrong)) {
      wrong = other.wrong;
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

  /** The row number at which each source begins, and that of the end. */
  long[] offsets() {
    return offsets;
  }

  /** The number of the wrong row. */
  long wrongRow() {
    return offsets[wrong.source] + wrong.local;
  }

  /** What the row of the least width is called. */
  String narrowest() {
    return name(narrowest);
  }

  /** What the row of the greatest width is called. */
  String widest() {
    return name(widest);
  }

  private String name(Named row) {
    return row.id == null ? Long.toString(offsets[row.source] + row.local) : row.id;
  }
}
