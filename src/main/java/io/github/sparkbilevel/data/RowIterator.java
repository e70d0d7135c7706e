package io.github.sparkbilevel.data;

import java.util.Iterator;

/**
 * Numbers the records of one source, parses them, and stops at the limit.
 *
 * <p>No row whose number within its source reaches the limit can be among the first rows of all.
 */
final class RowIterator<T> extends LookAhead<ParsedRow> {

  /** Parses a record; null means that it is not a row, such as a comment. */
  interface Parser<T> {
    ParsedRow parse(long local, T record);
  }

  private final Iterator<T> records;
  private final long limit;
  private final Parser<T> parser;
  private long local;

  RowIterator(Iterator<T> records, long limit, Parser<T> parser) {
    this.records = records;
    this.limit = limit;
    this.parser = parser;
  }

  @Override
  protected ParsedRow advance() {
    ParsedRow row = null;
    while (row == null && local < limit && records.hasNext()) {
      row = parser.parse(local, records.next());
    }
    local += row == null ? 0 : 1;
    return row;
  }
}
