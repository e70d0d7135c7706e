package io.github.sparkbilevel.data;

import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import java.util.TreeSet;
import org.apache.spark.api.java.JavaRDD;

/** What one scan of a libsvm file finds: the range of its indices. */
final class LibsvmScan implements Serializable {
  private static final long serialVersionUID = 1L;

  /** So many indices beyond the training rows' are told apart. */
  private static final int MOST_BEYOND = 10_000;

  private final int width;
  private boolean found;
  private int least = Integer.MAX_VALUE;
  private int greatest;
  private final TreeSet<Integer> beyond = new TreeSet<>();

  private LibsvmScan(int width) {
    this.width = width;
  }

  /**
   * Scans the lines in one Spark job.
   *
   * @param width the number of the training rows' features; indices from there on are kept
   * @param limit how many lines of each partition count
   */
  static LibsvmScan of(JavaRDD<TextRecord> lines, int width, long limit) {
    LibsvmScan all = new LibsvmScan(width);
    lines
        .mapPartitions(in -> List.of(scan(in, width, limit)).iterator())
        .collect()
        .forEach(all::merge);
    return all;
  }

  private static LibsvmScan scan(Iterator<TextRecord> lines, int width, long limit) {
    LibsvmScan scan = new LibsvmScan(width);
    long rows = 0;
    while (rows < limit && lines.hasNext()) {
      String line = LibsvmReader.withoutComment(lines.next().text());
      rows += line.isEmpty() ? 0 : 1;
      int end = LibsvmReader.tokenEnd(line, 0);
      while (end < line.length()) {
        int from = LibsvmReader.tokenStart(line, end);
        end = LibsvmReader.tokenEnd(line, from);
        int index = LibsvmReader.index(line, from, line.indexOf(':', from));
        if (index >= 0) {
          scan.add(index);
        }
      }
    }
    return scan;
  }

  private void add(int index) {
    found = true;
    least = Math.min(least, index);
    greatest = Math.max(greatest, index);
    if (index >= width && beyond.size() < MOST_BEYOND) {
      beyond.add(index);
    }
  }

  private void merge(LibsvmScan other) {
    found |= other.found;
    least = Math.min(least, other.least);
    greatest = Math.max(greatest, other.greatest);
    beyond.addAll(other.beyond);
    while (beyond.size() > MOST_BEYOND) {
      beyond.pollLast();
    }
  }

  /** Whether the file has the index 0. */
  boolean hasZero() {
    return found && least == 0;
  }

  /** The greatest index; 0 where there are none. */
  int greatest() {
    return greatest;
  }

  /** The indices that name none of so many features, as far as they are kept. */
  List<Integer> unseen(int base) {
    TreeSet<Integer> unseen = new TreeSet<>(beyond.tailSet(width + base));
    if (hasZero() && base == 1) {
      unseen.add(0);
    }
    return List.copyOf(unseen);
  }
}
