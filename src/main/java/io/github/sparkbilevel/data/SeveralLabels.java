package io.github.sparkbilevel.data;

import io.github.sparkbilevel.block.DataException;
import java.util.Iterator;
import java.util.List;

/**
 * Several labels of a row, each 0 or 1, as one number: Σ_k 2^k b_k.
 *
 * @param names the column of each
 */
public record SeveralLabels(List<String> names) implements Labels {

  /** What a float64 number holds, less one: the most labels. */
  public static final int MOST = 52;

  /** Checks their number. */
  public SeveralLabels {
    names = List.copyOf(names);
    if (names.size() > MOST) {
      throw new IllegalArgumentException(
          "got %d label columns, expected at most %d; tune some of them at a time, which with penalties by class is the same"
              .formatted(names.size(), MOST));
    }
  }

  @Override
  public int size() {
    return 0;
  }

  @Override
  public double encode(String label) {
    return Long.parseLong(label);
  }

  @Override
  public double encodeOrNone(String label) {
    return encode(label);
  }

  @Override
  public String spelled(double label) {
    return Long.toString((long) label);
  }

  /** Refuses a label that all of the training rows have, or none; one scan. */
  void requireBoth(Table train) {
    long[] ones = new long[names.size()];
    for (long[] some : PerPartition.collect(train.examples(), this::count)) {
      for (int k = 0; k < ones.length; k++) {
        ones[k] += some[k];
      }
    }
    for (int k = 0; k < ones.length; k++) {
      if (ones[k] == 0 || ones[k] == train.rowCount()) {
        throw new DataException(
            "%s: the label column '%s' is %d in all of the %,d training rows, expected 0 in some and 1 in others; leave it out"
                .formatted(train.origin(), names.get(k), ones[k] == 0 ? 0 : 1, train.rowCount()));
      }
    }
  }

  private long[] count(Iterator<Example> rows) {
    long[] ones = new long[names.size()];
    while (rows.hasNext()) {
      long code = Long.parseLong(rows.next().label());
      for (int k = 0; k < ones.length; k++) {
        ones[k] += code >> k & 1;
      }
    }
    return ones;
  }
}
