package io.github.sparkbilevel.spark.rows;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.CsrFeatures;
import io.github.sparkbilevel.block.DenseFeatures;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.spark.rows.DataRow.Part;
import java.util.List;

/**
 * What tells the rows of a run from other rows: how many there are, in how many partitions, and a
 * hash of their contents that does not depend on their order.
 *
 * @param train number of training rows
 * @param trusted number of trusted or validation rows
 * @param test number of test rows
 * @param partitions P
 * @param hash the sum of the hashes of all rows, modulo 2⁶⁴
 */
public record DataFingerprint(long train, long trusted, long test, int partitions, long hash) {
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  /** Reads all cached rows once; not a pass. */
  public static DataFingerprint of(PartitionedData data) {
    List<Long> hashes = data.rdd().map(DataFingerprint::hash).collect();
    long sum = 0;
    for (long hash : hashes) {
      sum += hash;
    }
    return new DataFingerprint(
        data.rows().get(Part.TRAIN),
        data.rows().get(Part.UPPER) + data.rows().get(Part.HELD_OUT),
        data.rows().get(Part.TEST),
        data.rdd().getNumPartitions(),
        sum);
  }

  private static long hash(PartitionData data) {
    return hash(data.train(), 1)
        + hash(data.upper(), 2)
        + hash(data.heldOut(), 3)
        + hash(data.test(), 4);
  }

  private static long hash(Block[] blocks, long part) {
    long sum = 0;
    for (Block block : blocks) {
      for (int i = 0; i < block.rows(); i++) {
        long h = mix(part, block.ids()[i]);
        h = mix(h, Double.doubleToRawLongBits(block.labels()[i]));
        h = mix(h, Double.doubleToRawLongBits(block.weight(i)));
        h = mix(h, block.group(i));
        h = mix(h, block.truth() == null ? 0 : Double.doubleToLongBits(block.truth()[i]));
        for (int vote : block.votes(i)) {
          h = mix(h, vote);
        }
        h = opinion(block, i, h);
        sum += features(block, i, h);
      }
    }
    return sum;
  }

  private static long opinion(Block block, int row, long start) {
    long h = start;
    for (int k = 0; k < block.classes(); k++) {
      h = mix(h, Double.doubleToRawLongBits(block.probability(row, k)));
    }
    return h;
  }

  private static long features(Block block, int row, long start) {
    long h = start;
    if (block.features() instanceof CsrFeatures sparse) {
      for (int at = sparse.rowStart()[row]; at < sparse.rowStart()[row + 1]; at++) {
        h = mix(h, sparse.indices()[at]);
        h = mix(h, Double.doubleToRawLongBits(sparse.values()[at]));
      }
      return h;
    }
    boolean doubles = block.features() instanceof DenseFeatures dense && !dense.isSingle();
    double[] values = new double[block.features().columns()];
    block.features().copyRow(row, values);
    for (double value : values) {
      long bits =
          doubles ? Double.doubleToRawLongBits(value) : Float.floatToRawIntBits((float) value);
      h = mix(h, bits);
    }
    return h;
  }

  /** One step of SplitMix64 over the next 64 bits. */
  private static long mix(long hash, long bits) {
    long z = (hash ^ bits) * 0xBF58476D1CE4E5B9L + GOLDEN;
    return z ^ (z >>> 29);
  }

  /** What differs between rows of a checkpoint and these rows, as half a sentence, or null. */
  public String differenceFrom(DataFingerprint saved) {
    if (saved.train != train) {
      return "has %,d training rows, got %,d".formatted(saved.train, train);
    }
    if (saved.trusted != trusted) {
      return "has %,d trusted or validation rows, got %,d".formatted(saved.trusted, trusted);
    }
    if (saved.test != test) {
      return "has %,d test rows, got %,d".formatted(saved.test, test);
    }
    if (saved.partitions != partitions) {
      return "has its rows in %,d partitions, got %,d".formatted(saved.partitions, partitions);
    }
    return saved.hash == hash ? null : "has as many rows with other contents";
  }
}
