package io.github.sparkbilevel.data;

import java.util.Iterator;
import java.util.NoSuchElementException;

/**
 * Numbers the records of one source, parses them, and stops at the limit.
 *
 * <p>No row whose number within its source reaches the limit can be among the first rows of all.
 */
final class RowIterator<T> implements Iterator<ParsedRow> {

  /** Parses a record; null means that it is not a row, such as a comment. */
  interface Parser<T> {
    ParsedRow parse(long local, T record);
  }

  private final Iterator<T> records;
  private final long limit;
  private final Parser<T> parser;
  private long local;
  private ParsedRow next;

  RowIterator(Iterator<T> records, long limit, Parser<T> parser) {
    this.records = records;
    this.limit = limit;
    this.parser = parser;
  }

  @Override
  public boolean hasNext() {
    while (next == null && local < limit && records.hasNext()) {
      next = parser.parse(local, records.next());
      if (next != null) {
        local++;
      }
    }
    return next != null;
  }

  @Override
  public ParsedRow next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    ParsedRow row = next;
    next = null;
    return row;
  }
}
