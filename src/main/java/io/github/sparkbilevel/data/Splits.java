package io.github.sparkbilevel.data;

import io.github.sparkbilevel.block.DataException;
import java.io.Serializable;
import java.util.Comparator;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;

/**
 * Draws an exact number of rows by the order of their hashes, without a shuffle or a sort.
 *
 * <p>The rows of a draw are those whose (hash, id) is not above a {@link Cut}. The cut is found by
 * counting rows by the leading bits of their hashes and looking closer at one bin: two Spark jobs
 * (one for few rows), and what comes to the driver does not grow with the rows.
 */
final class Splits {
  private static final int BITS = 12;
  private static final int FEW = 20_000;

  private Splits() {}

  /** The greatest (hash, id) that is drawn; hashes are compared as unsigned numbers. */
  record Cut(long seed, long purpose, long hash, long id) implements Serializable {
    boolean contains(Example row) {
      int order = Long.compareUnsigned(RowHash.of(seed, purpose, row.id()), hash);
      return order < 0 || order == 0 && row.id() <= id;
    }
  }

  /** Finds the cut of the {@code wanted} smallest of {@code all} rows, which are more. */
  static Cut cut(JavaRDD<Example> rows, long all, long seed, String role, long wanted) {
    long purpose = RowHash.purpose(role);
    if (all <= FEW) {
      return closest(rows, seed, purpose, 0, 0, (int) wanted);
    }
    long prefix = 0;
    int known = 0;
    long before = 0;
    while (true) {
      long fixed = prefix;
      int bits = known;
      long[] counts = histogram(rows, seed, purpose, fixed, bits);
      int bin = 0;
      while (before + counts[bin] < wanted) {
        before += counts[bin++];
      }
      prefix = prefix << BITS | bin;
      known += BITS;
      if (counts[bin] <= FEW || known + BITS > Long.SIZE) {
        return closest(rows, seed, purpose, prefix, known, (int) (wanted - before));
      }
    }
  }

  private static boolean begins(long hash, long prefix, int bits) {
    return bits == 0 || hash >>> (Long.SIZE - bits) == prefix;
  }

  private static long[] histogram(
      JavaRDD<Example> rows, long seed, long purpose, long prefix, int bits) {
    long[] all = new long[1 << BITS];
    List<long[]> parts =
        rows.mapPartitions(
                in -> {
                  long[] counts = new long[1 << BITS];
                  while (in.hasNext()) {
                    long hash = RowHash.of(seed, purpose, in.next().id());
                    if (begins(hash, prefix, bits)) {
                      counts[(int) (hash << bits >>> (Long.SIZE - BITS))]++;
                    }
                  }
                  return List.of(counts).iterator();
                })
            .collect();
    for (long[] part : parts) {
      for (int k = 0; k < all.length; k++) {
        all[k] += part[k];
      }
    }
    return all;
  }

  private static Cut closest(
      JavaRDD<Example> rows, long seed, long purpose, long prefix, int bits, int rank) {
    List<long[]> bin =
        new java.util.ArrayList<>(
            rows.map(row -> new long[] {RowHash.of(seed, purpose, row.id()), row.id()})
                .filter(key -> begins(key[0], prefix, bits))
                .collect());
    bin.sort(
        Comparator.<long[]>comparingLong(key -> key[0] ^ Long.MIN_VALUE)
            .thenComparingLong(key -> key[1]));
    long[] last = bin.get(rank - 1);
    return new Cut(seed, purpose, last[0], last[1]);
  }

  /** Throws when the draws leave no row to train on. */
  static void requireRest(Table train, long drawn, String advice) {
    if (drawn >= train.rowCount()) {
      throw new DataException(
          train.origin()
              + " has "
              + train.rowCount()
              + " rows and "
              + drawn
              + " of them are to be drawn for validation and test, expected that some are left for"
              + " training; "
              + advice);
    }
  }
}
