package io.github.sparkbilevel.data;

import java.io.Serializable;
import java.util.Iterator;
import java.util.NoSuchElementException;

/** The rows that count, without those of weight 0. */
final class ExampleIterator implements Iterator<Example> {
  /**
   * How rows become examples.
   *
   * @param offsets the row number at which each source begins
   * @param limit rows from this number on are left out
   * @param longIds whether ids are the whole numbers of a column and not row numbers
   * @param width number of features
   */
  record Numbering(long[] offsets, long limit, boolean longIds, int width)
      implements Serializable {}

  private final Iterator<RowChunk> chunks;
  private final Numbering numbering;
  private RowChunk chunk;
  private int row;

  ExampleIterator(Iterator<RowChunk> chunks, Numbering numbering) {
    this.chunks = chunks;
    this.numbering = numbering;
  }

  @Override
  public boolean hasNext() {
    while (true) {
      while (chunk != null && row < chunk.rows()) {
        if (chunk.weight(row) > 0 && number() < numbering.limit()) {
          return true;
        }
        row++;
      }
      if (!chunks.hasNext()) {
        return false;
      }
      chunk = chunks.next();
      row = 0;
    }
  }

  private long number() {
    return numbering.offsets()[chunk.source(row)] + chunk.local(row);
  }

  @Override
  public Example next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    long id = numbering.longIds() ? chunk.numberId(row) : number();
    String name = numbering.longIds() ? null : chunk.id(row);
    return new Example(id, name, chunk, row++, numbering.width());
  }
}
