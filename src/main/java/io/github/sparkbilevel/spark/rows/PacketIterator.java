package io.github.sparkbilevel.spark.rows;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import scala.Tuple2;

/** Sorts rows into a packet for each partition, and hands packets on as they are full. */
final class PacketIterator implements Iterator<Tuple2<Integer, RowPacket>> {
  /** What the open packets of a task take at most, as long as each may hold a few rows. */
  private static final long OPEN_BYTES = 64L << 20;

  private static final long MOST_BYTES = 1L << 18;
  private static final long LEAST_BYTES = 1L << 12;

  private final Iterator<DataRow> rows;
  private final BlockShape shape;
  private final RowPacket[] open;
  private final long fullBytes;
  private final ArrayDeque<Tuple2<Integer, RowPacket>> ready = new ArrayDeque<>();
  private int toClose;

  PacketIterator(Iterator<DataRow> rows, BlockShape shape, int partitions) {
    this.rows = rows;
    this.shape = shape;
    this.open = new RowPacket[partitions];
    this.fullBytes = Math.max(LEAST_BYTES, Math.min(MOST_BYTES, OPEN_BYTES / partitions));
  }

  @Override
  public boolean hasNext() {
    while (ready.isEmpty() && rows.hasNext()) {
      add(rows.next());
    }
    while (ready.isEmpty() && toClose < open.length) {
      close(toClose++);
    }
    return !ready.isEmpty();
  }

  private void add(DataRow row) {
    // Before the shuffle: what fails while a block is cached is a warning of Spark's.
    shape.requireHolds(row);
    int to = PartitionedData.partitionOf(row.id(), open.length);
    if (open[to] == null) {
      open[to] = new RowPacket(shape.layout());
    }
    open[to].add(row);
    if (open[to].bytes() >= fullBytes) {
      close(to);
    }
  }

  private void close(int partition) {
    if (open[partition] != null) {
      ready.add(new Tuple2<>(partition, open[partition].trimmed()));
      open[partition] = null;
    }
  }

  @Override
  public Tuple2<Integer, RowPacket> next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    return ready.remove();
  }
}
