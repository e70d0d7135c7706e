package io.github.sparkbilevel.ml.prepare;

import io.github.sparkbilevel.block.Block;
import io.github.sparkbilevel.block.PartitionData;
import io.github.sparkbilevel.data.RowHash;
import java.io.Serializable;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaRDD;

/** The label of a training row, and where the row stands in a random order. */
record DrawnLabel(long place, double label) implements Serializable, Comparable<DrawnLabel> {
  private static final int MOST = 1001;

  @Override
  public int compareTo(DrawnLabel other) {
    return Long.compare(place, other.place);
  }

  /** Up to a thousand labels in rising order, the same whatever the partitions; one Spark job. */
  static double[] sample(JavaRDD<PartitionData> rows) {
    return rows
        .flatMap(partition -> Arrays.stream(partition.train()).flatMap(DrawnLabel::of).iterator())
        .takeOrdered(MOST)
        .stream()
        .mapToDouble(DrawnLabel::label)
        .sorted()
        .toArray();
  }

  private static Stream<DrawnLabel> of(Block block) {
    return IntStream.range(0, block.rows())
        .mapToObj(i -> new DrawnLabel(RowHash.of(0, 0, block.ids()[i]), block.labels()[i]));
  }
}
